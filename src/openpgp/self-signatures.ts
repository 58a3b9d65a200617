import { MalformedError } from '../errors.ts';
import { isBrokenHash } from './algorithms.ts';
import type { Certificate, UserId } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import { misplacedBehind } from './misplaced.ts';
import { findRevocations, type Revokers } from './revocation.ts';
import { mayBeBy, type RevocationPacket } from './revocation-packet.ts';
import {
  isCertification,
  isIssuedBy,
  newest,
  signatureType,
  type SignaturePacket,
} from './signature-packet.ts';
import { whyInvalid } from './signature-validity.ts';
import type { CertifiedObject } from './signed-object.ts';
import { IncompleteCertificateError } from './unjudged-certificate.ts';

/** What a primary key says about itself, verified. RFC 9580 5.2.3.10. */
export interface SelfSignatures {
  /** The newest certification of each user ID that is not revoked, the primary user ID first. */
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
  const strays = await straysOf(certificate);
  const userIds = [];
  for (const userId of certificate.userIds) userIds.push(await verifyUserId(userId, certificate, strays));
  const live = userIds.flatMap(({ text, certification }) => (certification ? [{ text, certification }] : []));
  if (primary.version === 4 && certificate.userIds.length === 0)
    throw new IncompleteCertificateError(primary.fingerprint);
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
  over: CertifiedObject,
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

/** The owner's revocations of user IDs that stand behind no user ID, or behind another one. */
async function straysOf({ primary, userIds, revocations }: Certificate): Promise<RevocationPacket[]> {
  const held = userIds.map((userId) => ({
    over: { primary, userId: userId.bytes },
    revocations: userId.revocations,
  }));
  return [...revocations, ...(await misplacedBehind(held, ownerOf(primary)))].filter(
    (each) => each.type === signatureType.certificationRevocation && mayBeBy(each, primary),
  );
}

/** A user ID is revoked by its owner alone. */
function ownerOf(primary: KeyPacket): Revokers {
  return { primary, designated: [], certificates: [] };
}

/** The valid certifications of a user ID, and the one in force, unless a later signature revoked it. */
async function verifyUserId(userId: UserId, certificate: Certificate, strays: readonly RevocationPacket[]) {
  const { bytes, text, signatures, revocations } = userId;
  const { primary } = certificate;
  const over = { primary, userId: bytes };
  const certifications = await validOf(signatures.filter(isCertification), certificate, over);
  const latest = newest(certifications);
  const revoked = (await findRevocations([...revocations, ...strays], over, ownerOf(primary))).some(
    ({ isVerified, at }) => !isVerified || at >= (latest?.created ?? 0),
  );
  return { text, certifications, certification: revoked ? undefined : latest };
}

function byPrecedence(a: SignaturePacket, b: SignaturePacket): number {
  return Number(b.primaryUserId) - Number(a.primaryUserId) || (b.created ?? 0) - (a.created ?? 0);
}
