import type { Certificate, Subkey } from './certificate.ts';
import { findRevocations, type Revokers } from './revocation.ts';
import { asStray, type RevocationPacket } from './revocation-packet.ts';
import type { CertifiedObject } from './signed-object.ts';

/** Something in a certificate, and the revocations behind it. */
export interface Revocable {
  readonly over: CertifiedObject;
  readonly revocations: readonly RevocationPacket[];
}

/**
 * The revocations that do not revoke what they stand behind. They are given as strays, which may revoke
 * anything else: whoever passes a certificate on can move a revocation, and GnuPG puts it back. A revocation
 * that cannot be judged is taken to revoke what it stands behind, and nothing else.
 * @throws FloodedCertificateError as `findRevocations` does
 */
export async function misplacedBehind(
  revocables: readonly Revocable[],
  revokers: Revokers,
): Promise<RevocationPacket[]> {
  const misplaced: RevocationPacket[] = [];
  for (const { over, revocations } of revocables)
    for (const packet of revocations)
      if ((await findRevocations([packet], over, revokers)).length === 0) misplaced.push(asStray(packet));
  return misplaced;
}

/**
 * The revocations in a certificate that may be of this subkey.
 * @throws FloodedCertificateError as `findRevocations` does
 */
export async function revocationsFor(
  subkey: Subkey,
  { primary, subkeys, revocations }: Certificate,
  revokers: Revokers,
): Promise<RevocationPacket[]> {
  const others = subkeys
    .filter((other) => other !== subkey)
    .map((other) => ({ over: { primary, subkey: other.key }, revocations: other.revocations }));
  return [...subkey.revocations, ...revocations, ...(await misplacedBehind(others, revokers))];
}
