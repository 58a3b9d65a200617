import { encodeHex, equalBytes } from '../encoding.ts';
import { verifyConsistency } from '../tlog/merkle.ts';
import { failed, passed, skipped, type Finding } from './checks.ts';
import type { SignedHead } from './signed-head.ts';

/**
 * What is known of the past of a tree:
 * - `first`: nothing, of it or of another tree of its log
 * - `lost`: what was known cannot be read any more
 * - `known`: heads of this very tree were seen before
 * - `rotated`: none of this tree, but of others of the same log, each of which must still be there
 */
export type Past =
  | { readonly kind: 'first' }
  | { readonly kind: 'lost'; readonly reason: string }
  | {
      readonly kind: 'known' | 'rotated';
      readonly now: SignedHead;
      /** Between heads of this tree (`known`), or of each of the others (`rotated`). */
      readonly links: readonly Link[];
      readonly displaced: readonly DisplacedTree[];
    };

/** A head of a tree that was seen before, one of now, and the log's proof that one extends the other. */
export interface Link {
  readonly before: SignedHead;
  readonly now: SignedHead;
  /** The hashes of the proof; where the log gave none, what it said; undefined where none is needed. */
  readonly proof: readonly Uint8Array[] | { readonly refused: string } | undefined;
}

/** A tree that was seen before, and that another tree now stands in the place of. */
export interface DisplacedTree {
  readonly before: SignedHead;
  readonly how: 'not-listed' | 'not-signed' | 'overlapped';
}

/** Two checkpoints of a log that cannot both be true. */
export interface Conflict {
  readonly before: SignedHead;
  readonly now: SignedHead;
  readonly reason: string;
}

/** A conflict, with the file in which it is kept as evidence, if it could be. */
export interface KeptConflict extends Conflict {
  readonly path?: string;
}

const DISPLACED: Record<DisplacedTree['how'], string> = {
  'not-listed': 'the log shows another tree, and no longer the one seen before',
  'not-signed': 'the log shows another tree, and no signed checkpoint of the one seen before',
  overlapped: 'the log gives this tree indexes that belong to another one, seen before',
};

/**
 * Whether a checkpoint and those seen before are prefixes of one another (RFC 9162 2.1.4), whichever is the
 * longer: a replica of a log may lag behind.
 */
export function checkConsistency(past: Past): Finding {
  const conflict = conflictIn(past);
  if (conflict !== undefined)
    return failed(conflict.reason, {
      expected: inWords(conflict.before),
      found: inWords(conflict.now),
      hint: 'tell those who run the log, and others who use it, and show them both checkpoints',
    });
  switch (past.kind) {
    case 'first':
      return skipped('no checkpoint seen before');
    case 'lost':
      return skipped(past.reason);
    case 'known':
      return passed(past.links.map(linkInWords).join(', '));
    case 'rotated':
      return passed('the first checkpoint of this tree; the trees seen before are still there');
  }
}

/** The first two checkpoints that contradict each other, or undefined. */
export function conflictIn(past: Past): Conflict | undefined {
  if (past.kind === 'first' || past.kind === 'lost') return undefined;
  const [displaced] = past.displaced;
  if (displaced !== undefined)
    return { before: displaced.before, now: past.now, reason: DISPLACED[displaced.how] };
  for (const link of past.links) {
    const reason = whyBroken(link);
    if (reason !== undefined) return { before: link.before, now: link.now, reason };
  }
  return undefined;
}

/** Whether two heads of a tree need a proof: not where they are the same, or one is that of an empty tree. */
export function needsProof(a: SignedHead, b: SignedHead): boolean {
  return a.size !== b.size && a.size > 0 && b.size > 0;
}

/** Whether these hashes prove that one of the two heads extends the other (RFC 9162 2.1.4.2). */
export function provesExtension(a: SignedHead, b: SignedHead, hashes: readonly Uint8Array[]): boolean {
  const [older, newer] = a.size < b.size ? [a, b] : [b, a];
  return verifyConsistency(older.size, newer.size, older.rootHash, newer.rootHash, hashes);
}

function whyBroken({ before, now, proof }: Link): string | undefined {
  if (before.size === now.size)
    return equalBytes(before.rootHash, now.rootHash)
      ? undefined
      : 'the log shows two trees of one size: it has forked';
  if (before.size === 0) return undefined;
  const change =
    now.size < before.size
      ? 'the tree is smaller than it was and not proven to be its beginning: the log was rolled back or has forked'
      : 'the tree has grown and is not proven to extend what it was: the log has forked';
  if (now.size === 0 || proof === undefined) return change;
  if ('refused' in proof) return `${change} (${proof.refused})`;
  return provesExtension(before, now, proof) ? undefined : change;
}

function linkInWords({ before, now }: Link): string {
  return before.size === now.size
    ? `the tree of size ${now.size} is the one seen before`
    : `the trees of size ${before.size}, seen before, and ${now.size} are one`;
}

function inWords({ origin, size, rootHash }: SignedHead): string {
  return `${origin}, size ${size}, root ${encodeHex(rootHash)}`;
}
