import type { Certificate } from './certificate.ts';
import { mayBeBy } from './revocation-packet.ts';
import { isIssuedBy } from './signature-packet.ts';
import { FloodedCertificateError } from './unjudged-certificate.ts';

/**
 * Refuses a certificate with more signatures in its own name than anybody needs: whoever passes it on can add any
 * number, and each costs a verification before it is known to be forged.
 * @throws FloodedCertificateError if it has more
 */
export function refuseFlood(certificate: Certificate): void {
  const { primary, userIds, subkeys } = certificate;
  let own = 0;
  for (const { signatures, revocations } of [certificate, ...userIds, ...subkeys]) {
    const held = new Set(revocations.map(({ body }) => body));
    own += signatures.filter(
      (signature) => !held.has(signature.body) && isIssuedBy(signature, primary),
    ).length;
    own += revocations.filter((revocation) => mayBeBy(revocation, primary)).length;
  }
  if (own > MAX_OWN_SIGNATURES)
    throw new FloodedCertificateError(
      `the key ${primary.fingerprint} has ${own} signatures in its own name, expected at most ${MAX_OWN_SIGNATURES}`,
    );
}

/** Ten user IDs that were renewed in each of ten years have a hundred, and subkeys some more. */
const MAX_OWN_SIGNATURES = 1000;
