import type { TreeHead } from './checkpoint.ts';
import { verifyConsistency } from './merkle.ts';

/**
 * The proof of a log that one of two heads of a tree extends the other (RFC 9162 2.1.4), or why there is
 * none:
 * - `hashes`: a proof, which nobody has verified yet
 * - `not-needed`: the heads are of one size, or one is that of an empty tree
 * - `refused`: the log gave none, and said why; `isUnknown`: it says that it has nothing at that address
 * - `not-asked`: nobody asked the log, for the reason given
 */
export type ConsistencyProof =
  | { readonly kind: 'hashes'; readonly hashes: readonly Uint8Array[] }
  | { readonly kind: 'not-needed' }
  | { readonly kind: 'refused'; readonly why: string; readonly isUnknown?: boolean }
  | NotAsked;

/** Nobody asked the log, or it did not answer: then nothing is known, and nobody is accused. */
export interface NotAsked {
  readonly kind: 'not-asked';
  readonly why: string;
}

/** Whether two heads of a tree need a proof: not where they are of one size, or one is that of an empty tree. */
export function needsProof(a: TreeHead, b: TreeHead): boolean {
  return a.size !== b.size && a.size > 0 && b.size > 0;
}

/** Whether these hashes prove that one of the two heads extends the other (RFC 9162 2.1.4.2). */
export function provesExtension(a: TreeHead, b: TreeHead, hashes: readonly Uint8Array[]): boolean {
  const [older, newer] = a.size < b.size ? [a, b] : [b, a];
  return verifyConsistency(older.size, newer.size, older.rootHash, newer.rootHash, hashes);
}
