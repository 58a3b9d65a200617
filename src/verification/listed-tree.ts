import { encodeHex, equalBytes } from '../encoding.ts';
import { failed, passed, skipped, type Check, type Finding } from './checks.ts';
import { checkConsistency, type Past } from './consistency.ts';
import type { SignedHead } from './signed-head.ts';

/** A tree of a log, as the log itself lists it. */
export interface ListedTree {
  /** Decimal. */
  readonly treeId: string;
  /** Whether it is the one that grows. */
  readonly isActive: boolean;
  /** What the log says of it; signed is only the head. */
  readonly size: number;
  readonly rootHash: Uint8Array;
  /** Its head, if one of the trusted keys signed it. */
  readonly head: SignedHead | undefined;
}

/** A tree of a log, and whether it is to be believed. */
export interface TreeReport {
  readonly treeId: string;
  /** `missing`: it was seen before, and the log does not list it any more. */
  readonly state: 'active' | 'inactive' | 'missing';
  readonly size: number;
  readonly rootHash: Uint8Array;
  /** `checkpoint` and `consistency`; none where no key of the log is trusted. */
  readonly checks: readonly Check[];
  /** Before now; undefined: never. Without a time where clocks did not agree. */
  readonly lastSeen: { readonly size: number; readonly seen?: number } | undefined;
}

/** Makes the checks of a tree, given what is known of its past; of one that is not listed, the last head seen. */
export function checkTree(tree: Omit<ListedTree, 'isActive'>, past: Past): Check[] {
  const checkpoint = checkHead(tree);
  const consistency =
    checkpoint.outcome === 'passed' ? checkConsistency(past) : skipped('depends on checkpoint');
  return [
    { id: 'checkpoint', ...checkpoint },
    { id: 'consistency', ...consistency },
  ];
}

function checkHead({ head, size, rootHash }: Omit<ListedTree, 'isActive'>): Finding {
  if (head === undefined)
    return failed('the checkpoint is not signed by the log', {
      expected: 'a signature of a trusted key',
      found: 'none',
      hint: 'if a key of this log is not trusted yet, pin it: helm sigstore log pin URL --fingerprint HEX',
    });
  if (head.size !== size || !equalBytes(head.rootHash, rootHash))
    return failed('the log signed another tree than the one it lists', {
      expected: `size ${head.size}, root ${encodeHex(head.rootHash)}`,
      found: `size ${size}, root ${encodeHex(rootHash)}`,
    });
  return passed(`signed by ${head.logId}`);
}
