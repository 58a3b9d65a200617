import { createPublicKey, type KeyObject } from 'node:crypto';
import { MalformedError } from '../errors.ts';
import { algorithmName, isRsa } from './algorithms.ts';
import { hashByNumber } from './hashes.ts';
import type { KeyPacket } from './key-packet.ts';
import { Octets } from './octets.ts';

/**
 * The DER of the key's `SubjectPublicKeyInfo` (RFC 5280 4.1.2.7), which is how a key is written outside of OpenPGP.
 * `undefined`: keys of its algorithm or curve have none that this program writes.
 * @throws MalformedError on a key that is none: a point that is not on its curve, numbers that are missing
 */
export function subjectPublicKeyInfo(
  key: Pick<KeyPacket, 'algorithm' | 'material' | 'fingerprint'>,
): Uint8Array | undefined {
  return publicKeyOf(key)?.export({ type: 'spki', format: 'der' });
}

/**
 * The key as Node's own cryptography takes it. `undefined`: it knows no keys of its algorithm or curve.
 * @throws MalformedError as `subjectPublicKeyInfo` does
 */
export function publicKeyOf(
  key: Pick<KeyPacket, 'algorithm' | 'material' | 'fingerprint'>,
): KeyObject | undefined {
  const known = publicKeys.get(key);
  if (known !== undefined) return known;
  const jwk = jwkOf(key);
  if (jwk === undefined) return undefined;
  try {
    const made = createPublicKey({ key: jwk, format: 'jwk' });
    publicKeys.set(key, made);
    return made;
  } catch (error) {
    throw new MalformedError(`the key ${key.fingerprint} is not one that can be written as PKIX`, {
      cause: error,
    });
  }
}

/** A key verifies several signatures in its certificate and those of many charts. */
const publicKeys = new WeakMap<object, KeyObject>();

/**
 * How the logs of Sigstore name a key with the digest that it signs, or why they take no signature by this key over
 * this digest. Which digest belongs to which key is set: `PublicKeyDetails` in sigstore_common.proto.
 */
export function logKeyDetails(
  key: KeyPacket,
  hashAlgorithm: number,
): { readonly keyDetails: string } | { readonly refused: string } {
  const name = algorithmName(key);
  const known = LOGGED_KEYS.get(name);
  if (known === undefined) return { refused: `it takes no signatures by keys of ${name}` };
  const title = hashByNumber(hashAlgorithm)?.title ?? `algorithm ${hashAlgorithm}`;
  if (title === known.digest) return { keyDetails: known.keyDetails };
  return { refused: `of ${name} it takes signatures over ${known.digest}, and this one is over ${title}` };
}

/** What a real Rekor of either version took. Ed25519 it would take only as Ed25519ph, which OpenPGP does not make. */
const LOGGED_KEYS: ReadonlyMap<string, { readonly digest: string; readonly keyDetails: string }> = new Map([
  ['RSA 2048', { digest: 'SHA-256', keyDetails: 'PKIX_RSA_PKCS1V15_2048_SHA256' }],
  ['RSA 3072', { digest: 'SHA-256', keyDetails: 'PKIX_RSA_PKCS1V15_3072_SHA256' }],
  ['RSA 4096', { digest: 'SHA-256', keyDetails: 'PKIX_RSA_PKCS1V15_4096_SHA256' }],
  ['ECDSA P-256', { digest: 'SHA-256', keyDetails: 'PKIX_ECDSA_P256_SHA_256' }],
  ['ECDSA P-384', { digest: 'SHA-384', keyDetails: 'PKIX_ECDSA_P384_SHA_384' }],
  ['ECDSA P-521', { digest: 'SHA-512', keyDetails: 'PKIX_ECDSA_P521_SHA_512' }],
]);

type Jwk = Extract<Parameters<typeof createPublicKey>[0], { format: 'jwk' }>['key'];

/** RFC 7518 6 and RFC 8037 2. */
function jwkOf(key: Pick<KeyPacket, 'algorithm' | 'material'>): Jwk | undefined {
  const octets = new Octets(key.material, 'key packet');
  if (isRsa(key.algorithm))
    return { kty: 'RSA', n: base64url(octets.integer()), e: base64url(octets.integer()) };
  if (key.algorithm === ED25519) return { kty: 'OKP', crv: 'Ed25519', x: base64url(octets.take(32)) };
  if (key.algorithm !== ECDSA && key.algorithm !== EDDSA_LEGACY) return undefined;
  const curve = CURVES.get(Buffer.from(octets.take(octets.number(1))).toString('hex'));
  const point = octets.integer();
  if (curve?.algorithm !== key.algorithm) return undefined;
  const { name, size } = curve;
  const coordinates = point.subarray(1);
  if (key.algorithm === EDDSA_LEGACY) {
    if (point[0] !== NATIVE_POINT || coordinates.length !== size) throw noPoint(name);
    return { kty: 'OKP', crv: name, x: base64url(coordinates) };
  }
  if (point[0] !== UNCOMPRESSED_POINT || coordinates.length !== 2 * size) throw noPoint(name);
  const [x, y] = [coordinates.subarray(0, size), coordinates.subarray(size)];
  return { kty: 'EC', crv: name, x: base64url(x), y: base64url(y) };
}

/** RFC 9580 9.1. */
const [ECDSA, EDDSA_LEGACY, ED25519] = [19, 22, 27];

/** The first octet of a point. RFC 9580 11.2. */
const [UNCOMPRESSED_POINT, NATIVE_POINT] = [0x04, 0x40];

/** Curves by their object identifiers, with the octets of a coordinate. RFC 9580 9.2. */
const CURVES: ReadonlyMap<
  string,
  { readonly name: string; readonly size: number; readonly algorithm: number }
> = new Map([
  ['2a8648ce3d030107', { name: 'P-256', size: 32, algorithm: ECDSA }],
  ['2b81040022', { name: 'P-384', size: 48, algorithm: ECDSA }],
  ['2b81040023', { name: 'P-521', size: 66, algorithm: ECDSA }],
  ['2b06010401da470f01', { name: 'Ed25519', size: 32, algorithm: EDDSA_LEGACY }],
]);

function noPoint(curve: string): MalformedError {
  return new MalformedError(`expected a point of ${curve} in the key, found something else`);
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
