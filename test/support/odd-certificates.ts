import { packetTag, writePacket } from '../../src/openpgp/packets.ts';
import { signatureType } from '../../src/openpgp/signature-packet.ts';
import {
  issuerFingerprint,
  issuerKeyId,
  signaturePacket,
  signatureV3,
  signatureV4,
  subpacket,
  userIdHashed,
  type RawKey,
  type RawSignature,
} from './raw-openpgp.ts';
import { DAY, KEY_CREATED } from './signer.ts';

/** What is revoked. */
export type Target = 'primary key' | 'subkey' | 'user ID';
export const TARGETS: readonly Target[] = ['primary key', 'subkey', 'user ID'];

/** Of a certificate: its keys, of which the subkey signs, and somebody who has nothing to do with it. */
export interface Cast {
  readonly primary: RawKey;
  readonly subkey: RawKey;
  readonly stranger: RawKey;
}

/** A way to write a revocation, and whether anybody can tell that a forged one of this kind is forged. */
export interface Oddity {
  readonly name: string;
  readonly canBeRefuted: boolean;
  readonly write: (cast: Cast, type: number, over: Uint8Array, forged: boolean) => Uint8Array;
}

const COMPROMISED = 2;
const at = KEY_CREATED + DAY;

/** The user ID of the certificates. */
const USER_ID = Buffer.from('Publisher <publisher@charts.example>');

/** Revocations that are unusual in what is not signed, or of an algorithm that nobody knows. */
export const ODDITIES: readonly Oddity[] = [
  v4('nothing odd', () => ({})),
  v4('no issuer at all', () => ({ namesIssuer: false, unsigned: Buffer.alloc(0) })),
  v4('an unsigned key ID of 7 octets', ({ primary }) => ({
    unsigned: subpacket(16, primary.keyId.subarray(1)),
  })),
  v4('an unsigned fingerprint of 3 octets', () => ({ unsigned: subpacket(33, Buffer.of(4, 1, 2)) })),
  v4('an empty unsigned subpacket', ({ primary }) => ({
    unsigned: Buffer.concat([issuerKeyId(primary), Buffer.of(0)]),
  })),
  v4('an unsigned subpacket that is cut', () => ({ unsigned: Buffer.of(20, 16, 1, 2) })),
  v4('an unsigned length that is cut', () => ({ unsigned: Buffer.of(255, 0) })),
  v4('an unsigned critical subpacket that nobody knows', () => ({
    unsigned: subpacket(0x80 | 99, Buffer.of(1)),
  })),
  v4('an unsigned area of noise', () => ({ unsigned: Buffer.alloc(500, 0x85) })),
  v4('an unsigned reason that is milder', () => ({ unsigned: subpacket(29, Buffer.of(1)) })),
  v4('the fingerprint of a stranger, unsigned', ({ stranger }) => ({
    namesIssuer: false,
    unsigned: issuerFingerprint(stranger),
  })),
  v4('the key ID of a stranger, unsigned', ({ stranger }) => ({
    namesIssuer: false,
    unsigned: issuerKeyId(stranger),
  })),
  v4('a signed key ID of 7 octets', ({ primary }) => ({
    namesIssuer: false,
    signed: [subpacket(16, primary.keyId.subarray(1))],
  })),
  v4('an empty signed subpacket', () => ({ signed: [Buffer.of(0)] })),
  v4('a signed critical subpacket that nobody knows', () => ({
    signed: [subpacket(0x80 | 99, Buffer.of(1))],
  })),
  v4('a milder reason behind the first', () => ({ signed: [subpacket(29, Buffer.of(1))] })),
  {
    ...v4('other first octets of the digest', () => ({})),
    write: (cast, type, over, forged) => {
      const body = Buffer.from(signatureV4(cast.primary, type, over, { at, reason: COMPROMISED, forged }));
      const digestAt = body.length - 2 - 256 - 2;
      body.writeUInt16BE(body.readUInt16BE(digestAt) ^ 0xffff, digestAt);
      return body;
    },
  },
  {
    ...v4('octets behind the signature', () => ({})),
    write: (cast, type, over, forged) =>
      Buffer.concat([
        signatureV4(cast.primary, type, over, { at, reason: COMPROMISED, forged }),
        Buffer.of(0),
      ]),
  },
  {
    ...v4('zeros in front of its number', () => ({})),
    write: (cast, type, over, forged) => {
      const body = signatureV4(cast.primary, type, over, { at, reason: COMPROMISED, forged });
      return zerosInFront(body);
    },
  },
  v4('another number for RSA', () => ({ algorithm: 3 })),
  v3('version 3', () => ({})),
  v3('version 3, with the key ID of a stranger', ({ stranger }) => ({ unsigned: stranger.keyId })),
  v3('version 3, with another number for RSA', () => ({ algorithm: 3 })),
  {
    name: 'version 2',
    canBeRefuted: true,
    write: (cast, type, over, forged) => {
      const body = Buffer.from(signatureV3(cast.primary, type, over, { at, forged }));
      body.writeUInt8(2);
      return body;
    },
  },
  {
    name: 'a version that nobody knows',
    canBeRefuted: false,
    write: ({ primary }, type, over) => {
      const body = Buffer.from(signatureV4(primary, type, over, { at }));
      body.writeUInt8(7);
      return body;
    },
  },
  { ...v4('a hash that nobody knows', () => ({ hash: 99 })), canBeRefuted: false },
  { ...v4('an algorithm that nobody knows', () => ({ algorithm: 99 })), canBeRefuted: false },
  {
    ...v4('an unsigned area that is longer than the packet', () => ({ unsignedLength: 0xffff })),
    canBeRefuted: false,
  },
  {
    name: 'a cut signature',
    canBeRefuted: false,
    write: ({ primary }, type, over) => signatureV4(primary, type, over, { at }).subarray(0, -1),
  },
];

/** The same signature with two octets of zeros before its number, which is of 256 octets. RFC 9580 3.2. */
function zerosInFront(body: Uint8Array): Uint8Array {
  const numberAt = body.length - 2 - 256;
  const length = Buffer.alloc(2);
  length.writeUInt16BE(258 * 8);
  return Buffer.concat([body.subarray(0, numberAt), length, Buffer.alloc(2), body.subarray(numberAt + 2)]);
}

/** The certificate, with something behind what may be revoked. */
export function certificateWith(cast: Cast, behind: Partial<Record<Target, Uint8Array>> = {}): Uint8Array {
  const back = signatureV4(cast.subkey, signatureType.primaryKeyBinding, overOf('subkey', cast));
  return signedCertificate(cast, { signed: [embedded(back)] }, behind);
}

/** The same, with these subpackets in the binding of the subkey: in the area that is signed, or in the other. */
export function signedCertificate(
  cast: Cast,
  binding: { readonly signed?: readonly Uint8Array[]; readonly unsigned?: readonly Uint8Array[] },
  behind: Partial<Record<Target, Uint8Array>> = {},
): Uint8Array {
  const { primary, subkey } = cast;
  const certify = (type: number, target: Target, odd: RawSignature): Uint8Array =>
    signaturePacket(signatureV4(primary, type, overOf(target, cast), odd));
  const flags = (octet: number): Uint8Array => subpacket(27, Buffer.of(octet));
  const { signed = [], unsigned } = binding;
  const bound = {
    signed: [flags(2), ...signed],
    ...(unsigned && { unsigned: Buffer.concat(unsigned) }),
  };
  return Buffer.concat([
    writePacket({ tag: packetTag.publicKey, body: primary.body }),
    behind['primary key'] ?? Buffer.alloc(0),
    writePacket({ tag: packetTag.userId, body: USER_ID }),
    certify(signatureType.positiveCertification, 'user ID', { signed: [flags(3)] }),
    behind['user ID'] ?? Buffer.alloc(0),
    writePacket({ tag: packetTag.publicSubkey, body: subkey.body }),
    behind.subkey ?? Buffer.alloc(0),
    certify(signatureType.subkeyBinding, 'subkey', bound),
  ]);
}

/** A revocation packet that is odd in this way. */
export function oddRevocation(oddity: Oddity, target: Target, cast: Cast, forged: boolean): Uint8Array {
  const isOld = oddity.name.startsWith('version');
  const over =
    isOld && target === 'user ID' ? Buffer.concat([cast.primary.hashed, USER_ID]) : overOf(target, cast);
  return signaturePacket(oddity.write(cast, REVOCATION[target], over, forged));
}

/** A back signature among the subpackets of a binding. */
export function embedded(body: Uint8Array): Uint8Array {
  const length = Buffer.alloc(5, 0xff);
  length.writeUInt32BE(body.length + 1, 1);
  return Buffer.concat([length, Buffer.of(32), body]);
}

const REVOCATION: Record<Target, number> = {
  'primary key': signatureType.keyRevocation,
  subkey: signatureType.subkeyRevocation,
  'user ID': signatureType.certificationRevocation,
};

function overOf(target: Target, { primary, subkey }: Cast): Uint8Array {
  if (target === 'primary key') return primary.hashed;
  return Buffer.concat([primary.hashed, target === 'subkey' ? subkey.hashed : userIdHashed(USER_ID)]);
}

function v4(name: string, odd: (cast: Cast) => RawSignature): Oddity {
  return {
    name,
    canBeRefuted: true,
    write: (cast, type, over, forged) =>
      signatureV4(cast.primary, type, over, { at, reason: COMPROMISED, forged, ...odd(cast) }),
  };
}

function v3(name: string, odd: (cast: Cast) => RawSignature): Oddity {
  return {
    name,
    canBeRefuted: true,
    write: (cast, type, over, forged) => signatureV3(cast.primary, type, over, { at, forged, ...odd(cast) }),
  };
}
