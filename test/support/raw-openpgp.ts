import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { packetTag, writePacket } from '../../src/openpgp/packets.ts';
import { KEY_CREATED } from './signer.ts';

/** What a signature is made over: the bytes that are hashed before its own. RFC 9580 5.2.4. */
export type SignedBytes = Uint8Array;

/** An RSA key whose packets are written octet by octet, so that they may be as odd as a test wants them. */
export interface RawKey {
  /** Body of its public key packet. */
  readonly body: Uint8Array;
  /** What signatures over the key hash of it. */
  readonly hashed: SignedBytes;
  readonly fingerprint: string;
  readonly keyId: Uint8Array;
  readonly privateKey: KeyObject;
}

/** What is odd about a signature packet; the default is one that nothing is odd about. */
export interface RawSignature {
  readonly at?: number;
  /** Code of the reason for revocation. */
  readonly reason?: number;
  /** Further subpackets in the signed area. */
  readonly signed?: readonly Uint8Array[];
  /** Whether the signed area names the issuer by its fingerprint. */
  readonly namesIssuer?: boolean;
  /** The area that is not signed; the default is the key ID of the issuer. */
  readonly unsigned?: Uint8Array;
  /** Octets that the area which is not signed claims to have. */
  readonly unsignedLength?: number;
  /** Number of the hash algorithm, and of the public-key algorithm. */
  readonly hash?: number;
  readonly algorithm?: number;
  /** Whether the signature itself is wrong. */
  readonly forged?: boolean;
}

/** A throw-away RSA key of 2048 bits. */
export function makeRawKey(): RawKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = privateKey.export({ format: 'jwk' });
  const body = Buffer.concat([
    Buffer.of(4),
    octets(KEY_CREATED, 4),
    Buffer.of(1),
    number(Buffer.from(n, 'base64url')),
    number(Buffer.from(e, 'base64url')),
  ]);
  const hashed = Buffer.concat([Buffer.of(0x99), octets(body.length, 2), body]);
  const fingerprint = createHash('sha1').update(hashed).digest();
  return {
    body,
    hashed,
    fingerprint: fingerprint.toString('hex'),
    keyId: fingerprint.subarray(-8),
    privateKey,
  };
}

/** A subpacket of less than 191 octets. RFC 9580 5.2.3.7. */
export function subpacket(type: number, data: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(data.length + 1, type), data]);
}

/** The issuer, by its fingerprint. */
export function issuerFingerprint({ fingerprint }: Pick<RawKey, 'fingerprint'>): Uint8Array {
  return subpacket(33, Buffer.concat([Buffer.of(4), Buffer.from(fingerprint, 'hex')]));
}

/** The issuer, by its key ID. */
export function issuerKeyId({ keyId }: Pick<RawKey, 'keyId'>): Uint8Array {
  return subpacket(16, keyId);
}

/** Body of a signature packet of version 4. RFC 9580 5.2.3. */
export function signatureV4(
  key: RawKey,
  type: number,
  over: SignedBytes,
  { at = KEY_CREATED, reason, signed = [], namesIssuer = true, unsigned, ...odd }: RawSignature = {},
): Uint8Array {
  const { hash = 8, algorithm = 1, forged = false, unsignedLength } = odd;
  const hashed = Buffer.concat([
    subpacket(2, octets(at, 4)),
    ...(namesIssuer ? [issuerFingerprint(key)] : []),
    ...(reason === undefined ? [] : [subpacket(29, Buffer.of(reason))]),
    ...signed,
  ]);
  const area = unsigned ?? issuerKeyId(key);
  const head = Buffer.concat([Buffer.of(4, type, algorithm, hash), octets(hashed.length, 2), hashed]);
  const data = Buffer.concat([over, head, Buffer.of(4, 0xff), octets(head.length, 4)]);
  const digested = forged ? Buffer.concat([data, Buffer.of(0)]) : data;
  return Buffer.concat([
    ...[head, octets(unsignedLength ?? area.length, 2), area],
    ...[sha256(data).subarray(0, 2), number(sign('sha256', digested, key.privateKey))],
  ]);
}

/** Body of a signature packet of version 3. RFC 9580 5.2.2. */
export function signatureV3(
  key: RawKey,
  type: number,
  over: SignedBytes,
  { at = KEY_CREATED, forged = false, hash = 8, algorithm = 1, unsigned }: RawSignature = {},
): Uint8Array {
  const hashed = Buffer.concat([Buffer.of(type), octets(at, 4)]);
  const data = Buffer.concat([over, hashed]);
  const digested = forged ? Buffer.concat([data, Buffer.of(0)]) : data;
  return Buffer.concat([
    ...[Buffer.of(3, 5), hashed, unsigned ?? key.keyId, Buffer.of(algorithm, hash)],
    ...[sha256(data).subarray(0, 2), number(sign('sha256', digested, key.privateKey))],
  ]);
}

/** What is hashed of a user ID in a signature of version 4; of version 3 the user ID alone. RFC 9580 5.2.4. */
export function userIdHashed(userId: Uint8Array): SignedBytes {
  return Buffer.concat([Buffer.of(0xb4), octets(userId.length, 4), userId]);
}

/** A signature packet. */
export function signaturePacket(body: Uint8Array): Uint8Array {
  return writePacket({ tag: packetTag.signature, body });
}

/** A number as OpenPGP writes it: its length in bits, then its octets without leading zeros. RFC 9580 3.2. */
function number(bytes: Uint8Array): Uint8Array {
  const digits = bytes.subarray(bytes.findIndex((octet) => octet !== 0));
  return Buffer.concat([octets(digits.length * 8 - Math.clz32(digits[0] ?? 0) + 24, 2), digits]);
}

function octets(value: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
