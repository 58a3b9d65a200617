import { MalformedError } from '../errors.ts';
import { isKnownAlgorithm, plainSignature } from './algorithms.ts';
import type { KeyPacket } from './key-packet.ts';
import { loadOpenpgp } from './library.ts';
import type { RevocationContent } from './revocation-content.ts';
import type { RevocationPacket } from './revocation-packet.ts';
import {
  isRefutation,
  issuerOf,
  libraryKey,
  whyRefused,
  type LibrarySignature,
} from './signature-validity.ts';
import { hashedRevocation, type CertifiedObject } from './signed-object.ts';
import { subpacketType, writeSubpackets } from './subpackets.ts';
import { tryOnce, type Allowance } from './tries.ts';

/** What came of trying a revocation under a key: it is by this key, it is not, or nobody can tell. */
export type Tried = 'valid' | 'refuted' | { readonly unclear: string };

/**
 * Whether this key made the revocation of this object. Nothing matters but what is signed: not the version of the
 * packet, not the first octets of the digest, not which issuer or which algorithm it is said to be by.
 * @throws FloodedCertificateError when the allowance is used up
 */
export async function tryRevocation(
  { type, content }: RevocationPacket,
  key: KeyPacket,
  over: CertifiedObject,
  allowance?: Allowance,
): Promise<Tried> {
  if (content === undefined) return { unclear: 'the packet cannot be read' };
  const numbers = numbersOf(content, key);
  if (numbers === undefined) return unlessOtherAlgorithm(content, key, 'the signature in it cannot be read');
  const hashed = hashedRevocation(content, over);
  const { hashAlgorithm: hash } = content;
  const work = () => whyUnverified({ type, hashed, numbers, hash }, key);
  const why = await tryOnce(key, [hashed, Uint8Array.of(hash), numbers], work, allowance);
  if (why === undefined) return 'valid';
  return isRefutation(why) ? unlessOtherAlgorithm(content, key, 'refuted') : { unclear: why };
}

/** A key makes no signatures of another algorithm. Whether it made one of an unknown algorithm, nobody can tell. */
function unlessOtherAlgorithm(
  { publicKeyAlgorithm }: RevocationContent,
  key: KeyPacket,
  otherwise: string,
): Tried {
  if (publicKeyAlgorithm !== key.algorithm)
    return isKnownAlgorithm(publicKeyAlgorithm)
      ? 'refuted'
      : { unclear: `the algorithm ${publicKeyAlgorithm} is unknown` };
  return otherwise === 'refuted' ? 'refuted' : { unclear: otherwise };
}

/** The signature itself as the key's algorithm writes it, without what follows it; `undefined` if it is cut. */
function numbersOf({ numbers }: RevocationContent, { algorithm }: KeyPacket): Uint8Array | undefined {
  try {
    return plainSignature(algorithm, numbers);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

interface ReadRevocation {
  readonly type: number;
  readonly hashed: Uint8Array;
  readonly hash: number;
  readonly numbers: Uint8Array;
}

/** The library reads a plain packet with the same numbers, and hashes what it is given in place of that. */
async function whyUnverified(
  { type, hashed, hash, numbers }: ReadRevocation,
  key: KeyPacket,
): Promise<string | undefined> {
  const library = await loadOpenpgp();
  const { openpgp, config } = library;
  const packet = new openpgp.SignaturePacket() as unknown as LibrarySignature;
  const created = { type: subpacketType.created, critical: false, data: Buffer.alloc(4, 1) };
  const areas = [created, issuerOf(key)].map((subpacket) => {
    const area = writeSubpackets([subpacket]);
    return Buffer.concat([Uint8Array.of(area.length >> 8, area.length & 0xff), area]);
  });
  const head = Uint8Array.of(4, type, key.algorithm, hash);
  const body = Buffer.concat([head, ...areas, Buffer.alloc(2), numbers]);
  return await whyRefused(async () => {
    packet.read(body, config);
    packet.toHash = () => hashed;
    packet.signedHashValue = (await packet.hash(type, {}, hashed)).subarray(0, 2);
    await packet.verify(await libraryKey(library, key), type, {}, null, true, config);
  });
}
