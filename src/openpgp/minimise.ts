import type { Certificate, UserId } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import { packetTag, writePacket, type Packet } from './packets.ts';
import {
  allowsSigning,
  isCertification,
  isIssuedBy,
  newest,
  signatureType,
  withUnhashedArea,
  type SignaturePacket,
  partsOf,
} from './signature-packet.ts';
import { backSignaturesOf } from './subkey-binding.ts';
import { subpacketType } from './subpackets.ts';

/** What is sent of a certificate: its packets, and the user ID that becomes public with them. */
export interface MinimisedCertificate {
  readonly bytes: Uint8Array;
  /** `undefined` for a version 6 key without a fitting user ID. */
  readonly userId: string | undefined;
}

/**
 * The least of a certificate that Rekor needs to accept the signature. It is chosen so that the result is the
 * same whatever else the copy at hand has in it. It consists of:
 * - the primary key
 * - one user ID with its newest self-signature that is not younger than the signature; for a version 6 key
 *   the newest such direct-key signature, and the user ID if there is one
 * - the subkey that signed, with its binding
 * Nothing is verified, and revocations are left out: judge the key first.
 * @returns `refused` with the reason if Rekor would not accept the signature with any choice
 */
export function minimiseCertificate(
  certificate: Certificate,
  signature: Pick<SignaturePacket, 'created'>,
  signingFingerprint: string,
): MinimisedCertificate | { readonly refused: string } {
  const { primary, subkeys } = certificate;
  const time = signature.created ?? 0;
  const primarySigned = primary.fingerprint === signingFingerprint;
  const packets: Packet[] = [{ tag: packetTag.publicKey, body: primary.body }];

  if (primary.version === 6) {
    const direct = newest(
      certificate.signatures.filter(
        (sig) => sig.type === signatureType.directKey && isUsable(sig, primary, time),
      ),
    );
    if (direct === undefined || (primarySigned && !allowsSigning(direct)))
      return { refused: noSelfSignature };
    packets.push(signaturePacket(direct));
  }

  const flagged = primarySigned && primary.version === 4;
  const chosen = chooseUserId(certificate, time, flagged);
  if (chosen !== undefined)
    packets.push({ tag: packetTag.userId, body: chosen.userId.bytes }, signaturePacket(chosen.certification));
  else if (primary.version === 4) return { refused: noSelfSignature };

  if (!primarySigned) {
    const subkey = subkeys.find(({ key }) => key.fingerprint === signingFingerprint);
    const binding = newest((subkey?.signatures ?? []).filter((sig) => isSigningBinding(sig, primary, time)));
    if (subkey === undefined || binding === undefined) return { refused: noBinding };
    packets.push({ tag: packetTag.publicSubkey, body: subkey.key.body }, signaturePacket(binding));
  }
  return { bytes: Buffer.concat(packets.map(writePacket)), userId: chosen?.userId.text };
}

const noSelfSignature =
  'the key has no self-signature from before the signature that would allow it to sign (a renewal replaces it); sign again, or add an older copy of the key';
const noBinding =
  'the signing subkey has no binding from before the signature that would allow it to sign; sign again, or add an older copy of the key';

interface Choice {
  readonly userId: UserId;
  readonly certification: SignaturePacket;
}

/** The user ID marked as primary, else the one certified last, else the one with the smaller bytes. */
function chooseUserId(certificate: Certificate, time: number, mustSign: boolean): Choice | undefined {
  const choices = certificate.userIds.flatMap((userId) => {
    const own = userId.signatures.filter((sig) => isUsable(sig, certificate.primary, time));
    const certification = newest(own.filter((sig) => isCertification(sig) && sig.exportable));
    const revoked = own.some(({ type }) => type === signatureType.certificationRevocation);
    if (certification === undefined || revoked || (mustSign && !allowsSigning(certification))) return [];
    return [{ userId, certification }];
  });
  return choices.sort(byPrecedence)[0];
}

function byPrecedence(a: Choice, b: Choice): number {
  return (
    Number(b.certification.primaryUserId) - Number(a.certification.primaryUserId) ||
    (b.certification.created ?? 0) - (a.certification.created ?? 0) ||
    Buffer.compare(a.userId.bytes, b.userId.bytes)
  );
}

function isSigningBinding(signature: SignaturePacket, primary: KeyPacket, time: number): boolean {
  return (
    signature.type === signatureType.subkeyBinding &&
    isUsable(signature, primary, time) &&
    allowsSigning(signature) &&
    backSignaturesOf(signature).length > 0
  );
}

/** Issued by the primary key, not after the time, and with a hash that Rekor reads (not MD5). */
function isUsable(signature: SignaturePacket, primary: KeyPacket, time: number): boolean {
  const { created, hashAlgorithm } = signature;
  return created !== undefined && created <= time && hashAlgorithm !== 1 && isIssuedBy(signature, primary);
}

/**
 * The signature without what key servers may add: of the unsigned area it keeps only what names the issuer or
 * proves the subkey.
 */
function signaturePacket(signature: SignaturePacket): Packet {
  const kept = partsOf(signature).unhashed.filter(({ type }) => keptUnhashed.has(type));
  return { tag: packetTag.signature, body: withUnhashedArea(signature, kept) };
}

const keptUnhashed = new Set<number>([
  subpacketType.issuerKeyId,
  subpacketType.issuerFingerprint,
  subpacketType.embeddedSignature,
]);
