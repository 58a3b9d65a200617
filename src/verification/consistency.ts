import { encodeHex, equalBytes } from '../encoding.ts';
import { provesExtension, type ConsistencyProof } from '../tlog/consistency-proof.ts';
import { failed, passed, skipped, type CheckResult } from './checks.ts';
import { check } from './make-checks.ts';
import type { SignedCheckpoint } from './signed-checkpoint.ts';

/**
 * What is known of the past of a tree:
 * - `first`: nothing, of it or of another tree of its log
 * - `lost`: what was known cannot be read any more
 * - `unasked`: other trees of its log were seen, and the log was not asked whether they are still there
 * - `unlisted`: the tree is known from a file alone, and the log lists its other trees, but not this one
 * - `known`: checkpoints of this very tree were seen before
 * - `rotated`: servers showed other trees of the log, but not this one; the others must still be there
 */
export type Past =
  | { readonly kind: 'first' }
  | { readonly kind: 'lost' | 'unasked' | 'unlisted'; readonly reason: string }
  | {
      readonly kind: 'known' | 'rotated';
      readonly now: SignedCheckpoint;
      /** Between checkpoints of this tree, and, where it is `rotated`, of each of the others. */
      readonly links: readonly Link[];
      readonly displaced: readonly DisplacedTree[];
    };

/** A checkpoint that was seen before, one of the same tree now, and the proof that one extends the other. */
export interface Link {
  readonly before: SignedCheckpoint;
  readonly now: SignedCheckpoint;
  readonly proof: ConsistencyProof;
}

/** A tree that was seen before, and whose place another tree has taken. */
export interface DisplacedTree {
  readonly before: SignedCheckpoint;
  readonly how: 'not-listed' | 'not-signed';
}

/** Two checkpoints of a log that cannot both be true. */
export interface Conflict {
  readonly before: SignedCheckpoint;
  readonly now: SignedCheckpoint;
  readonly reason: string;
}

const DISPLACED: Record<DisplacedTree['how'], string> = {
  'not-listed': 'the log shows another tree, and no longer the one seen before',
  'not-signed': 'the log shows another tree, and no signed checkpoint of the one seen before',
};

/** Whether the checkpoint agrees with what was seen of its log before. */
export const consistency = check(['checkpoint'], ({ past }: { readonly past: Past }) =>
  checkConsistency(past),
);

/** The same of bundles. Where it is required, what cannot be compared is not enough. */
export const bundleConsistency = check(['checkpoint'], ({ past }: { readonly past?: Past }) =>
  past === undefined
    ? skipped('the checkpoint is not held against what was seen before')
    : checkConsistency(past),
);

/**
 * Whether a checkpoint and those seen before are prefixes of one another (RFC 9162 2.1.4), whichever is the
 * longer: a replica of a log may lag behind.
 */
export function checkConsistency(past: Past): CheckResult<undefined> {
  const conflict = conflictIn(past);
  if (conflict !== undefined)
    return failed(conflict.reason, {
      expected: inWords(conflict.before),
      found: inWords(conflict.now),
    });
  const unasked = whyUnasked(past);
  if (unasked !== undefined) return skipped(unasked);
  switch (past.kind) {
    case 'first':
      return skipped('no checkpoint seen before');
    case 'lost':
    case 'unasked':
    case 'unlisted':
      return skipped(past.reason);
    case 'known':
      return passed(past.links.map(linkInWords).join(', '));
    case 'rotated':
      return passed('the first checkpoint of this tree; the trees seen before are still there');
  }
}

/** Why the log was not asked for a proof that is needed, if it was not. */
export function whyUnasked(past: Past): string | undefined {
  if (past.kind === 'unasked') return past.reason;
  if (!('links' in past)) return undefined;
  for (const { proof } of past.links) if (proof.kind === 'not-asked') return proof.why;
  return undefined;
}

/** The first two checkpoints that contradict each other, or undefined. */
export function conflictIn(past: Past): Conflict | undefined {
  if (!('links' in past)) return undefined;
  const [displaced] = past.displaced;
  if (displaced !== undefined)
    return { before: displaced.before, now: past.now, reason: DISPLACED[displaced.how] };
  for (const link of past.links) {
    const reason = whyBroken(link);
    if (reason !== undefined) return { before: link.before, now: link.now, reason };
  }
  return undefined;
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
  if (now.size === 0) return change;
  switch (proof.kind) {
    case 'hashes':
      return provesExtension(before, now, proof.hashes) ? undefined : change;
    case 'refused':
      return `${change} (${proof.why})`;
    case 'not-needed':
      return change;
    case 'not-asked':
      return undefined;
  }
}

function linkInWords({ before, now }: Link): string {
  return before.size === now.size
    ? `the tree of size ${now.size} is the one seen before`
    : `the trees of size ${before.size}, seen before, and ${now.size} are one`;
}

function inWords({ origin, size, rootHash }: SignedCheckpoint): string {
  return `${origin}, size ${size}, root ${encodeHex(rootHash)}`;
}
