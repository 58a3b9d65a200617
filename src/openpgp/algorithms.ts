import { encodeHex } from '../encoding.ts';
import type { KeyPacket } from './key-packet.ts';
import { Octets } from './octets.ts';

/** The algorithm of a key in words: `RSA 3072`, `ECDSA P-256`, `Ed25519`. */
export function algorithmName(key: KeyPacket): string {
  const name = keyAlgorithms.get(key.algorithm) ?? `algorithm ${key.algorithm}`;
  if (sizedAlgorithms.has(key.algorithm)) return `${name} ${bitsOfFirstNumber(key.material)}`;
  if (curveAlgorithms.has(key.algorithm)) return `${name} ${curveName(key.material)}`.replace(/^.* Ed/, 'Ed');
  return name;
}

/** Whether keys of this algorithm can make signatures; the others only encrypt. RFC 9580 9.1. */
export function canSign(algorithm: number): boolean {
  return !encryptionAlgorithms.has(algorithm);
}

/** Whether the algorithm is one of RFC 9580 9.1. */
export function isKnownAlgorithm(algorithm: number): boolean {
  return keyAlgorithms.has(algorithm);
}

/**
 * The signature of this algorithm at the start of these octets. Its numbers are written as OpenPGP asks,
 * without zeros in front: how many there were is not signed. `undefined` if the form of such signatures is
 * unknown. RFC 9580 3.2 and 5.2.3.
 * @throws MalformedError if there are fewer octets than it has
 */
export function plainSignature(algorithm: number, bytes: Uint8Array): Uint8Array | undefined {
  const form = signatureForms.get(algorithm);
  if (form === undefined) return undefined;
  const octets = new Octets(bytes, 'signature packet');
  if ('octets' in form) return octets.take(form.octets);
  const numbers: Uint8Array[] = [];
  for (let count = 0; count < form.numbers; count++) numbers.push(plainNumber(octets.integer()));
  return Buffer.concat(numbers);
}

/** A number with its length in bits before it, without zeros in front. RFC 9580 3.2. */
function plainNumber(octets: Uint8Array): Uint8Array {
  const start = octets.findIndex((octet) => octet !== 0);
  const digits = start < 0 ? new Uint8Array() : octets.subarray(start);
  const bits = digits.length * 8 - (digits.length === 0 ? 0 : Math.clz32(digits[0] ?? 0) - 24);
  return Buffer.concat([Uint8Array.of(bits >> 8, bits & 0xff), digits]);
}

/** A reason not to believe signatures. */
export interface Weakness {
  readonly reason: string;
  /** Whether a user may insist: it is too weak for today, but not broken by everybody. */
  readonly tolerable: boolean;
}

/** Why signatures by this key are not believed, or `undefined`. */
export function weaknessOfKey(key: KeyPacket): Weakness | undefined {
  const name = algorithmName(key);
  const bits = isRsa(key.algorithm) ? bitsOfFirstNumber(key.material) : Infinity;
  if (bits >= MIN_RSA_BITS && !isDsaOrElgamal(key.algorithm) && name !== 'ECDSA secp256k1') return undefined;
  return {
    reason: `the key ${key.fingerprint} is ${name}, which is too weak`,
    tolerable: bits >= MIN_TOLERABLE_RSA_BITS,
  };
}

/** Why a signature over text with this hash algorithm is not believed, or `undefined`. RFC 9580 9.5. */
export function weaknessOfHash(hashAlgorithm: number): Weakness | undefined {
  const name = weakHashes.get(hashAlgorithm);
  if (name === undefined) return undefined;
  return {
    reason: `the signature is over a digest by ${name}, which is too weak`,
    tolerable: name === 'SHA-1',
  };
}

/** Whether anybody can find two texts with one digest. Then even a self-signature proves nothing. */
export function isBrokenHash(hashAlgorithm: number): boolean {
  return weaknessOfHash(hashAlgorithm)?.tolerable === false;
}

/** One less than 2048 and 1024: the product of two primes may fall short by a bit. */
const MIN_RSA_BITS = 2047;
const MIN_TOLERABLE_RSA_BITS = 1023;

const weakHashes = new Map([
  [1, 'MD5'],
  [2, 'SHA-1'],
  [3, 'RIPEMD-160'],
]);

/** RFC 9580 9.1. */
const keyAlgorithms = new Map([
  [1, 'RSA'],
  [2, 'RSA'],
  [3, 'RSA'],
  [16, 'ElGamal'],
  [17, 'DSA'],
  [18, 'ECDH'],
  [19, 'ECDSA'],
  [22, 'EdDSA'],
  [25, 'X25519'],
  [26, 'X448'],
  [27, 'Ed25519'],
  [28, 'Ed448'],
]);

/** Numbers with their lengths before them (RFC 9580 3.2), or octets alone. */
const signatureForms = new Map<number, { readonly numbers: number } | { readonly octets: number }>([
  [1, { numbers: 1 }],
  [2, { numbers: 1 }],
  [3, { numbers: 1 }],
  [17, { numbers: 2 }],
  [19, { numbers: 2 }],
  [22, { numbers: 2 }],
  [27, { octets: 64 }],
  [28, { octets: 114 }],
]);

/** ElGamal, ECDH, X25519, X448. */
const encryptionAlgorithms = new Set([16, 18, 25, 26]);

const sizedAlgorithms = new Set([1, 2, 3, 16, 17]);
const curveAlgorithms = new Set([18, 19, 22]);

/** Object identifiers of curves. RFC 9580 9.2. */
const curves = new Map([
  ['2a8648ce3d030107', 'P-256'],
  ['2b81040022', 'P-384'],
  ['2b81040023', 'P-521'],
  ['2b8104000a', 'secp256k1'],
  ['2b2403030208010107', 'brainpoolP256r1'],
  ['2b240303020801010b', 'brainpoolP384r1'],
  ['2b240303020801010d', 'brainpoolP512r1'],
  ['2b06010401da470f01', 'Ed25519'],
  ['2b060104019755010501', 'Curve25519'],
]);

/** Whether keys of this algorithm are RSA keys. */
export function isRsa(algorithm: number): boolean {
  return algorithm >= 1 && algorithm <= 3;
}

function isDsaOrElgamal(algorithm: number): boolean {
  return algorithm === 16 || algorithm === 17;
}

function curveName(material: Uint8Array): string {
  const oid = encodeHex(material.subarray(1, 1 + (material[0] ?? 0)));
  return curves.get(oid) ?? `curve ${oid}`;
}

/** Bits of the first number of the key material, whatever length is announced for it. RFC 9580 3.2. */
function bitsOfFirstNumber(material: Uint8Array): number {
  const length = Math.ceil((((material[0] ?? 0) << 8) | (material[1] ?? 0)) / 8);
  const digits = encodeHex(material.subarray(2, 2 + length)).replace(/^0+/, '');
  return digits === '' ? 0 : digits.length * 4 - (Math.clz32(parseInt(digits.slice(0, 1), 16)) - 28);
}
