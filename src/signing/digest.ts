import { UsageError } from '../errors.ts';

/** The digests that signatures are made over, as options spell them. */
export const DIGESTS = ['sha256', 'sha384', 'sha512'] as const;

export type Digest = (typeof DIGESTS)[number];

/** RFC 9580 9.5. */
const HASH_ALGORITHMS: Readonly<Record<Digest, number>> = { sha256: 8, sha384: 9, sha512: 10 };

/**
 * The digest that a key signs: for RSA, P-256, P-384 and P-521 the one with which every log takes it. ECDSA wants a digest that
 * is as long as its curve.
 * @param algorithm in words: `RSA 3072`
 * @param wanted by the user
 * @throws UsageError if it is too short for the key
 */
export function digestFor(algorithm: string, wanted: Digest | undefined): Digest {
  const least = SHORTEST.find(([beginning]) => algorithm.startsWith(beginning))?.[1] ?? 'sha256';
  if (wanted === undefined) return algorithm.startsWith('Ed') ? 'sha512' : least;
  if (HASH_ALGORITHMS[wanted] < HASH_ALGORITHMS[least])
    throw new UsageError(
      `--digest ${wanted} is too short for the key, which is ${algorithm}`,
      `leave it out, or give --digest ${least}`,
    );
  return wanted;
}

const SHORTEST: readonly (readonly [string, Digest])[] = [
  ['ECDSA P-384', 'sha384'],
  ['ECDSA P-521', 'sha512'],
  ['ECDSA brainpoolP384', 'sha384'],
  ['ECDSA brainpoolP512', 'sha512'],
  ['Ed448', 'sha512'],
];

/** Its number in signature packets. RFC 9580 9.5. */
export function hashAlgorithmOf(digest: Digest): number {
  return HASH_ALGORITHMS[digest];
}

/** The digest of this number, in words; RFC 9580 9.5. */
export function hashAlgorithmName(hashAlgorithm: number): string {
  const known = DIGESTS.find((digest) => HASH_ALGORITHMS[digest] === hashAlgorithm);
  return known?.toUpperCase() ?? `digest ${hashAlgorithm}`;
}
