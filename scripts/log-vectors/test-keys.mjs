import { createECDH, createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';

/** @typedef {{ readonly name: string, readonly publicKey: import('node:crypto').KeyObject, readonly sign: (text: string) => Uint8Array }} TestKey */

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * The Ed25519 key of RFC 8032 7.1, TEST 1.
 * @returns {TestKey}
 */
export function ed25519Key() {
  const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    name: 'Ed25519',
    publicKey: createPublicKey(privateKey),
    sign: (text) => sign(null, Buffer.from(text), privateKey),
  };
}

/**
 * The P-256 key of RFC 6979 A.2.5, whose signatures are always the same.
 * @returns {TestKey}
 */
export function p256Key() {
  const secret = 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n;
  const [x, y] = pointOf(secret);
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: octets(x).toString('base64url'),
    y: octets(y).toString('base64url'),
  };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  return { name: 'P-256', publicKey, sign: (text) => ecdsaDer(...signP256(text, secret)) };
}

/**
 * The signature with SHA-256, with the number that RFC 6979 3.2 chooses.
 * @param {string} text
 * @param {bigint} secret
 * @returns {[r: bigint, s: bigint]}
 */
export function signP256(text, secret) {
  const digest = number(createHash('sha256').update(text).digest());
  const k = chosenNumber(secret, digest % P256_ORDER);
  const r = pointOf(k)[0] % P256_ORDER;
  return [r, (inverse(k) * (digest + r * secret)) % P256_ORDER];
}

/**
 * RFC 6979 3.2. That the first candidate does not serve happens once in 2^32 times.
 * @param {bigint} secret
 * @param {bigint} digest
 */
function chosenNumber(secret, digest) {
  let [key, value] = [Buffer.alloc(32, 0), Buffer.alloc(32, 1)];
  /** @param {Buffer[]} data */
  const mac = (...data) => createHmac('sha256', key).update(Buffer.concat(data)).digest();
  for (const step of [0, 1]) {
    key = mac(value, Buffer.of(step), octets(secret), octets(digest));
    value = mac(value);
  }
  const candidate = number(mac(value));
  if (candidate === 0n || candidate >= P256_ORDER) throw new Error('the first candidate does not serve');
  return candidate;
}

/**
 * The base point times this number.
 * @param {bigint} factor
 * @returns {[x: bigint, y: bigint]}
 */
function pointOf(factor) {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(octets(factor));
  const point = curve.getPublicKey();
  return [number(point.subarray(1, 33)), number(point.subarray(33))];
}

/**
 * By Fermat's little theorem.
 * @param {bigint} value
 */
function inverse(value) {
  let [result, base] = [1n, value];
  for (let exponent = P256_ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % P256_ORDER;
    base = (base * base) % P256_ORDER;
  }
  return result;
}

/**
 * RFC 3279 2.2.3.
 * @param {...bigint} numbers
 * @returns {Uint8Array}
 */
function ecdsaDer(...numbers) {
  const integers = numbers.map((value) => {
    const bytes = octets(value);
    const significant = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    const positive = (significant[0] ?? 0) < 0x80 ? significant : Buffer.concat([Buffer.of(0), significant]);
    return Buffer.concat([Buffer.of(0x02, positive.length), positive]);
  });
  const content = Buffer.concat(integers);
  return Buffer.concat([Buffer.of(0x30, content.length), content]);
}

/** @param {bigint} value */
function octets(value) {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
}

/** @param {Uint8Array} bytes */
function number(bytes) {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
