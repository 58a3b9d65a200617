import type { Certificate, Subkey, UserId } from './certificate.ts';
import { mergeCertificates } from './merged-certificate.ts';
import { packetTag, writePacket } from './packets.ts';
import { isIssuedBy } from './signature-packet.ts';

/**
 * What is needed of a certificate to judge a signature by one of its keys, so that the result stays the same:
 * the primary key, its user IDs and the key that signed, with what the primary key says about them, and all
 * that may revoke something. Left out are the other subkeys, photos, and what others certified.
 * @param signingFingerprint of the primary key or of a subkey
 */
export function ownPartOf(certificate: Certificate, signingFingerprint: string): Certificate {
  const { primary, subkeys, userIds } = certificate;
  const own = <Signed extends Pick<Certificate, 'signatures'>>(signed: Signed): Signed => ({
    ...signed,
    signatures: signed.signatures.filter((signature) => isIssuedBy(signature, primary)),
  });
  return {
    ...own(certificate),
    userIds: userIds.map(own),
    subkeys: subkeys.filter(({ key }) => key.fingerprint === signingFingerprint).map(own),
  };
}

/**
 * The packets of the certificate that several copies together make. The same content gives the same bytes, in
 * whatever order it comes.
 */
export function packetsOf(copies: readonly [Certificate, ...Certificate[]]): Uint8Array {
  const certificate = mergeCertificates(copies);
  const { primary, userIds, subkeys } = certificate;
  return Buffer.concat([
    writePacket({ tag: packetTag.publicKey, body: primary.body }),
    ...signaturesOf(certificate),
    ...inOrder(userIds, ({ bytes }) => bytes).flatMap((userId) => [
      writePacket({ tag: packetTag.userId, body: userId.bytes }),
      ...signaturesOf(userId),
    ]),
    ...inOrder(subkeys, ({ key }) => key.body).flatMap((subkey) => [
      writePacket({ tag: packetTag.publicSubkey, body: subkey.key.body }),
      ...signaturesOf(subkey),
    ]),
  ]);
}

/** Each once: most revocations are signatures as well. */
function signaturesOf({ signatures, revocations }: Certificate | UserId | Subkey): Uint8Array[] {
  const bodies = [...signatures, ...revocations].map(({ body }) => body);
  const once = new Map(bodies.map((body) => [Buffer.from(body).toString('latin1'), body]));
  return inOrder([...once.values()], (body) => body).map((body) =>
    writePacket({ tag: packetTag.signature, body }),
  );
}

function inOrder<Item>(items: readonly Item[], bytesOf: (item: Item) => Uint8Array): Item[] {
  return [...items].sort((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)));
}
