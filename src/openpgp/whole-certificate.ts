import type { Certificate, Subkey, UserId } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import { packetTag, writePacket } from './packets.ts';
import {
  isCertification,
  isIssuedBy,
  newest,
  signatureType,
  partsOf,
  withUnhashedArea,
  type SignaturePacket,
} from './signature-packet.ts';

/**
 * The packets of a whole certificate as Rekor (1.5.4 and later) stores it when it was sent whole: primary key
 * and its revocations, user IDs that the primary key certified, with all signatures, and each subkey with its
 * revocations and newest binding. Rekor shuffles user IDs when there are several; here they keep their order.
 */
export function serializeCertificate({ primary, signatures, userIds, subkeys }: Certificate): Uint8Array {
  return Buffer.concat([
    writePacket({ tag: packetTag.publicKey, body: primary.body }),
    ...signaturePackets(signatures.filter(({ type }) => type === signatureType.keyRevocation)),
    // Of older keys Rekor drops the direct-key signatures.
    ...signaturePackets(
      signatures.filter(({ type }) => type === signatureType.directKey && primary.version === 6),
    ),
    ...userIds.flatMap((userId) => userIdPackets(userId, primary)),
    ...subkeys.flatMap(subkeyPackets),
  ]);
}

function userIdPackets({ bytes, signatures }: UserId, primary: KeyPacket): Uint8Array[] {
  if (!signatures.some((signature) => isCertification(signature) && isIssuedBy(signature, primary)))
    return [];
  return [writePacket({ tag: packetTag.userId, body: bytes }), ...signaturePackets(signatures)];
}

function subkeyPackets({ key, signatures }: Subkey): Uint8Array[] {
  const binding = newest(signatures.filter(({ type }) => type === signatureType.subkeyBinding));
  if (binding === undefined) return [];
  const revocations = signatures.filter(({ type }) => type === signatureType.subkeyRevocation);
  return [
    writePacket({ tag: packetTag.publicSubkey, body: key.body }),
    ...signaturePackets([...revocations, binding]),
  ];
}

function signaturePackets(signatures: readonly SignaturePacket[]): Uint8Array[] {
  return signatures.map((signature) =>
    writePacket({
      tag: packetTag.signature,
      body: withUnhashedArea(signature, partsOf(signature).unhashed),
    }),
  );
}
