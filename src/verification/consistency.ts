import { encodeHex, equalBytes } from '../encoding.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import { verifyConsistency } from '../tlog/merkle.ts';
import { failed, passed, skipped, type Finding } from './checks.ts';

/** How a tree of today relates to what was seen of it before: both heads, and the log's proof between them. */
export interface Link {
  /** The largest tree head that was seen before, with its checkpoint (a signed note). */
  readonly before: SeenHead;
  readonly now: TreeHead;
  /** The hashes of the consistency proof; where the log gave none, why; undefined where none is needed. */
  readonly proof: readonly Uint8Array[] | { readonly refused: string } | undefined;
}

/** A tree head that was seen and verified. */
export interface SeenHead extends TreeHead {
  readonly checkpoint: string;
}

/**
 * What is known of the past of a log:
 * `first`: nothing; `known`: a checkpoint of this very tree; `rotated`: none of this tree, but of others of the
 * same log, and each must still be there.
 */
export type Past =
  | { readonly kind: 'first' }
  | { readonly kind: 'known'; readonly link: Link }
  | { readonly kind: 'rotated'; readonly links: readonly Link[]; readonly vanished: readonly SeenHead[] };

/**
 * Whether a checkpoint and those seen before are prefixes of one another (RFC 9162 2.1.4), whichever is the
 * longer: a replica of a log may lag behind.
 */
export function checkConsistency(past: Past): Finding {
  switch (past.kind) {
    case 'first':
      return skipped('no checkpoint seen before');
    case 'known':
      return checkLink(past.link);
    case 'rotated': {
      const [vanished] = past.vanished;
      if (vanished !== undefined)
        return failed('the log shows a new tree and no longer the one seen before', {
          expected: headInWords(vanished),
          found: 'no such tree',
        });
      const broken = past.links.map(checkLink).find(({ outcome }) => outcome !== 'passed');
      return broken ?? passed('the first checkpoint of this tree; the trees seen before are still there');
    }
  }
}

function checkLink({ before, now, proof }: Link): Finding {
  const compared = { expected: headInWords(before), found: headInWords(now) };
  if (before.size === now.size)
    return equalBytes(before.rootHash, now.rootHash)
      ? passed(`the tree of size ${now.size} is the one seen before`)
      : failed('the log shows two trees of one size: it has forked', compared);
  const [older, newer] = before.size < now.size ? [before, now] : [now, before];
  if (older.size === 0) return passed('the tree was empty before');
  if (proof === undefined || 'refused' in proof)
    return failed(
      `the log does not prove that one tree extends the other${proof ? `: ${proof.refused}` : ''}`,
      compared,
    );
  return verifyConsistency(older.size, newer.size, older.rootHash, newer.rootHash, proof)
    ? passed(`the trees of size ${older.size} and ${newer.size} are one`)
    : failed('the tree does not extend the one seen before: the log has forked or was rolled back', compared);
}

function headInWords({ origin, size, rootHash }: TreeHead): string {
  return `${origin}, size ${size}, root ${encodeHex(rootHash)}`;
}
