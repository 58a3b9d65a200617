import { MalformedError } from '../errors.ts';
import type { Certificate } from './certificate.ts';
import { isIssuedBy } from './signature-packet.ts';

/**
 * Refuses a certificate with more signatures in its own name than anybody needs: whoever passes it on can add any
 * number, and each costs a verification before it is known to be forged.
 * @throws MalformedError if it has more
 */
export function refuseFlood({ primary, signatures, userIds, subkeys }: Certificate): void {
  const all = [signatures, ...[...userIds, ...subkeys].map((holder) => holder.signatures)].flat();
  const own = all.filter((signature) => isIssuedBy(signature, primary)).length;
  if (own > MAX_OWN_SIGNATURES)
    throw new MalformedError(
      `the key ${primary.fingerprint} has ${own} signatures in its own name, expected at most ${MAX_OWN_SIGNATURES}`,
    );
}

/** Ten user IDs that were renewed in each of ten years have a hundred, and subkeys some more. */
const MAX_OWN_SIGNATURES = 1000;
