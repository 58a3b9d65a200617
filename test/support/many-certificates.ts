import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { packetTag, writePacket } from '../../src/openpgp/packets.ts';
import { KEY_CREATED } from './signer.ts';

/**
 * So many certificates that GnuPG accepts, binary, made in no time: all of one Ed25519 key, created a second apart,
 * which gives each a fingerprint of its own. User IDs `key N`.
 */
export function manyCertificates(count: number): Uint8Array[] {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return Array.from({ length: count }, (_, number) => {
    const created = octets(KEY_CREATED + number, 4);
    // Version 4, EdDSA, the curve's object identifier, the point as a number of 263 bits. RFC 9580 5.5.5.5.
    const key = Buffer.concat([
      ...[Buffer.of(4), created, Buffer.of(22, 9), Buffer.from('2b06010401da470f01', 'hex')],
      ...[octets(263, 2), Buffer.of(0x40), point],
    ]);
    const hashedKey = Buffer.concat([Buffer.of(0x99), octets(key.length, 2), key]);
    const keyId = createHash('sha1').update(hashedKey).digest().subarray(-8);
    const userId = Buffer.from(`key ${number}`);
    // Positive certification, EdDSA, SHA-256; creation time, key flags; the issuer is not signed. RFC 9580 5.2.3.
    const hashed = Buffer.concat([Buffer.of(5, 2), created, Buffer.of(2, 27, 0x03)]);
    const signed = Buffer.concat([Buffer.of(4, 0x13, 22, 8), octets(hashed.length, 2), hashed]);
    const hashedUserId = Buffer.concat([Buffer.of(0xb4), octets(userId.length, 4), userId]);
    const trailer = Buffer.concat([Buffer.of(4, 0xff), octets(signed.length, 4)]);
    const digest = createHash('sha256')
      .update(Buffer.concat([hashedKey, hashedUserId, signed, trailer]))
      .digest();
    const numbers = sign(null, digest, privateKey);
    const signature = Buffer.concat([
      ...[signed, octets(10, 2), Buffer.of(9, 16), keyId, digest.subarray(0, 2)],
      ...[numberOf(numbers.subarray(0, 32)), numberOf(numbers.subarray(32))],
    ]);
    return Buffer.concat([
      writePacket({ tag: packetTag.publicKey, body: key }),
      writePacket({ tag: packetTag.userId, body: userId }),
      writePacket({ tag: packetTag.signature, body: signature }),
    ]);
  });
}

/** A number as OpenPGP writes it: its length in bits, then its octets without leading zeros. RFC 9580 3.2. */
function numberOf(bytes: Buffer): Buffer {
  const from = bytes.findIndex((octet) => octet !== 0);
  const digits = bytes.subarray(from);
  return Buffer.concat([octets(digits.length * 8 - Math.clz32(digits[0] ?? 0) + 24, 2), digits]);
}

function octets(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}
