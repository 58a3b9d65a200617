import { MalformedError } from '../errors.ts';
import { isRsa } from './algorithms.ts';
import type { KeyPacket } from './key-packet.ts';
import { Octets } from './octets.ts';
import { hashedPart, readSignatureHeader } from './signature-header.ts';
import type { SignaturePacket } from './signature-packet.ts';

/**
 * All that is hashed for a signature over data: a program that knows nothing of OpenPGP verifies the signature over
 * these bytes. They are the salt of version 6, the data, what is signed of the packet, and its length. RFC 9580 5.2.4.
 * @param data over which the signature is made; of a cleartext-signed message its lines, joined by CRLF
 * @throws MalformedError on a packet that ends too early
 */
export function preimageOf({ body }: Pick<SignaturePacket, 'body'>, data: Uint8Array): Uint8Array {
  const header = readSignatureHeader(body);
  const { salt } = afterAreas(header);
  return Buffer.concat([salt, data, hashedPart(header)]);
}

/** The first two octets of the digest, as the packet says them. RFC 9580 5.2.3. @throws MalformedError on a packet that ends too early */
export function digestStartOf({ body }: Pick<SignaturePacket, 'body'>): Uint8Array {
  return afterAreas(readSignatureHeader(body)).digestStart;
}

/** Whether the key signs the digest as if it was the message, as EdDSA does in OpenPGP. RFC 9580 5.2.3.3 to 5.2.3.5. */
export function isOverDigest({ algorithm }: Pick<KeyPacket, 'algorithm'>): boolean {
  return algorithm === EDDSA_LEGACY || algorithm === ED25519;
}

/**
 * The signature as it is written outside of OpenPGP: of RSA as long as the modulus (RFC 8017 8.2.1), of ECDSA the DER of
 * `Ecdsa-Sig-Value` (RFC 3279 2.2.3), of EdDSA R and S (RFC 8032). `undefined`: such signatures have no form
 * that others know.
 * @param key that is said to have made it
 * @throws MalformedError if its numbers are larger than those of the key, or are missing
 */
export function plainSignatureBy(
  { body }: Pick<SignaturePacket, 'body'>,
  key: Pick<KeyPacket, 'algorithm' | 'material'>,
): Uint8Array | undefined {
  const header = readSignatureHeader(body);
  if (header.publicKeyAlgorithm !== key.algorithm)
    throw new MalformedError('signature and key are of different algorithms');
  const { octets } = afterAreas(header);
  const plain = readPlain(octets, key);
  if (plain !== undefined && octets.left > 0)
    throw new MalformedError(`a signature packet has ${octets.left} bytes after its signature`);
  return plain;
}

function readPlain(octets: Octets, key: Pick<KeyPacket, 'algorithm' | 'material'>): Uint8Array | undefined {
  if (isRsa(key.algorithm)) return padded(octets.integer(), modulusLength(key));
  if (key.algorithm === ECDSA) return derOfNumbers([octets.integer(), octets.integer()]);
  if (key.algorithm === EDDSA_LEGACY)
    return Buffer.concat([padded(octets.integer(), 32), padded(octets.integer(), 32)]);
  if (key.algorithm === ED25519) return octets.take(64);
  return undefined;
}

/** RFC 9580 9.1. */
const [ECDSA, EDDSA_LEGACY, ED25519] = [19, 22, 27];

/** What follows the areas: two octets of the digest, the salt of version 6, and the signature itself. RFC 9580 5.2.3. */
function afterAreas({ version, rest }: ReturnType<typeof readSignatureHeader>): {
  readonly digestStart: Uint8Array;
  readonly salt: Uint8Array;
  readonly octets: Octets;
} {
  const octets = new Octets(rest, 'signature packet');
  const digestStart = octets.take(2);
  const salt = version === 6 ? octets.take(octets.number(1)) : new Uint8Array();
  return { digestStart, salt, octets };
}

/** In octets. The modulus is the first number of an RSA key. */
function modulusLength({ material }: Pick<KeyPacket, 'material'>): number {
  return withoutZeros(new Octets(material, 'key packet').integer()).length;
}

/** The number in so many octets. */
function padded(number: Uint8Array, length: number): Uint8Array {
  const digits = withoutZeros(number);
  if (digits.length > length)
    throw new MalformedError(`expected a number of at most ${length} octets in the signature, found more`);
  return Buffer.concat([new Uint8Array(length - digits.length), digits]);
}

function withoutZeros(number: Uint8Array): Uint8Array {
  const start = number.findIndex((octet) => octet !== 0);
  return start < 0 ? new Uint8Array() : number.subarray(start);
}

/** A sequence of numbers that are not negative, in DER. X.690 8.3 and 10.1. */
function derOfNumbers(numbers: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(
    numbers.map((number) => {
      const digits = withoutZeros(number);
      const isNegative = (digits[0] ?? 0x80) >= 0x80;
      return derValue(INTEGER, isNegative ? Buffer.concat([new Uint8Array(1), digits]) : digits);
    }),
  );
  return derValue(SEQUENCE, content);
}

const [INTEGER, SEQUENCE] = [0x02, 0x30];

function derValue(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  if (length > 0xffff) throw new MalformedError('a number in the signature is larger than that of any key');
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...(length < 0x80 ? [length] : long)), content]);
}
