import { MalformedError } from '../errors.ts';
import { isBrokenHash } from './algorithms.ts';
import type { Certificate, UserId } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import {
  isCertification,
  isIssuedBy,
  newest,
  signatureType,
  type SignaturePacket,
} from './signature-packet.ts';
import { whyInvalid, type SignedObject } from './signature-validity.ts';

/** What a primary key says about itself, verified. RFC 9580 5.2.3.10. */
export interface SelfSignatures {
  /** Of the user IDs that are not revoked the newest certification each, the primary user ID first. */
  readonly userIds: readonly { readonly text: string; readonly certification: SignaturePacket }[];
  readonly direct: readonly SignaturePacket[];
  /** Fingerprints of the designated revokers that any valid self-signature names, however old. */
  readonly revokers: readonly string[];
}

/**
 * Verifies the self-signatures of a certificate. Those that do not verify, or hold something critical that we
 * do not know, count as absent.
 * @throws MalformedError if too little is left: a version 4 key needs a user ID, a version 6 key a direct-key signature
 */
export async function verifySelfSignatures(certificate: Certificate): Promise<SelfSignatures> {
  const { primary, signatures } = certificate;
  const direct = await validOf(
    signatures.filter(({ type }) => type === signatureType.directKey),
    certificate,
    { primary },
  );
  const userIds = await Promise.all(certificate.userIds.map((userId) => verifyUserId(userId, certificate)));
  const live = userIds.flatMap(({ text, certification }) => (certification ? [{ text, certification }] : []));
  if (primary.version === 4 && live.length === 0)
    throw new MalformedError(`the key ${primary.fingerprint} has no user ID with a valid self-signature`);
  if (primary.version === 6 && direct.length === 0)
    throw new MalformedError(`the key ${primary.fingerprint} has no valid direct-key signature`);
  const all = [...direct, ...userIds.flatMap(({ certifications }) => certifications)];
  return {
    userIds: live.sort((a, b) => byPrecedence(a.certification, b.certification)),
    direct,
    revokers: all.flatMap(({ revocationKeys }) => revocationKeys),
  };
}

/**
 * The signatures that the primary key made over the object, with a hash that nobody can forge, and whose critical
 * subpackets we all know.
 */
export async function validOf(
  signatures: readonly SignaturePacket[],
  { primary }: Certificate,
  over: SignedObject,
): Promise<SignaturePacket[]> {
  const valid: SignaturePacket[] = [];
  for (const signature of signatures)
    if (
      isIssuedBy(signature, primary) &&
      !isBrokenHash(signature.hashAlgorithm) &&
      signature.unknownCritical.length === 0 &&
      (await whyInvalid(signature, primary, over)) === undefined
    )
      valid.push(signature);
  return valid;
}

/** The valid certifications of a user ID, and the one in force, unless a later signature revoked it. */
async function verifyUserId({ bytes, text, signatures }: UserId, certificate: Certificate) {
  const over = { primary: certificate.primary, userId: bytes };
  const certifications = await validOf(signatures.filter(isCertification), certificate, over);
  const revocation = newest(await validRevocations(signatures, certificate.primary, over));
  const latest = newest(certifications);
  const revoked = revocation !== undefined && (revocation.created ?? 0) >= (latest?.created ?? 0);
  return { text, certifications, certification: revoked ? undefined : latest };
}

/** What takes trust away counts whatever its hash, and whether or not we know all that it says. */
async function validRevocations(
  signatures: readonly SignaturePacket[],
  primary: KeyPacket,
  over: SignedObject,
): Promise<SignaturePacket[]> {
  const valid: SignaturePacket[] = [];
  for (const signature of signatures)
    if (
      signature.type === signatureType.certificationRevocation &&
      isIssuedBy(signature, primary) &&
      (await whyInvalid(signature, primary, over)) === undefined
    )
      valid.push(signature);
  return valid;
}

function byPrecedence(a: SignaturePacket, b: SignaturePacket): number {
  return Number(b.primaryUserId) - Number(a.primaryUserId) || (b.created ?? 0) - (a.created ?? 0);
}
