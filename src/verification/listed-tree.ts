import { encodeHex, equalBytes } from '../encoding.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import { failed, passed, type CheckResult } from './checks.ts';
import { consistency, type Past } from './consistency.ts';
import { reportOn, unchecked, type EvidenceReport } from './evidence-report.ts';
import { newLogKeyHint } from './hints.ts';
import { check, makeChecks, optional } from './make-checks.ts';
import type { SignedCheckpoint } from './signed-checkpoint.ts';

/** A tree of a log, as the log itself lists it. */
export interface ListedTree {
  /** Decimal. */
  readonly treeId: string;
  /** Whether it is the one that grows. */
  readonly isActive: boolean;
  /** As the log says; only the checkpoint is signed. */
  readonly size: number;
  readonly rootHash: Uint8Array;
  /** If one of the trusted keys signed it. */
  readonly checkpoint: SignedCheckpoint | undefined;
}

/** A tree of a log, and whether it is to be believed. */
export interface TreeReport {
  readonly treeId: string;
  /** `missing`: it was seen before, and the log does not list it any more. */
  readonly state: 'active' | 'inactive' | 'missing';
  readonly size: number;
  readonly rootHash: Uint8Array;
  /** `unchecked` where no key of the log is trusted. */
  readonly report: EvidenceReport<'rekor-tree'>;
  /** When it was seen last before this run; undefined: never. Without a time where clocks did not agree. */
  readonly lastSeen: { readonly size: number; readonly seen?: number } | undefined;
}

/** A listed tree, and the log that it is of. */
interface TreeEvidence {
  readonly tree: Omit<ListedTree, 'isActive'>;
  readonly log: Pick<TrustedLog, 'url' | 'source'>;
}

/** A tree as its log lists it: what `log info` asks for. */
const REKOR_TREE = {
  name: 'rekor-tree',
  checks: {
    checkpoint: check([], checkListedHead),
    // There may be nothing to compare the checkpoint with.
    consistency: optional(consistency),
  },
} as const;

/** The report on a tree of a log without a trusted key. */
export const UNCHECKED_TREE: TreeReport['report'] = unchecked(REKOR_TREE);

/**
 * Judges a tree by what is known of its past. If it is not listed, its last checkpoint that was seen is
 * judged.
 */
export async function judgeTree(
  tree: TreeEvidence['tree'],
  past: Past,
  log: TreeEvidence['log'],
): Promise<TreeReport['report']> {
  const { checks } = await makeChecks(REKOR_TREE.checks, { tree, log, past });
  return reportOn(REKOR_TREE, checks);
}

function checkListedHead({ tree, log }: TreeEvidence): CheckResult<TreeHead> {
  const { checkpoint, size, rootHash } = tree;
  if (checkpoint === undefined)
    return failed('the checkpoint is not signed by the log', {
      expected: 'a signature of a trusted key',
      found: 'none',
      hint: newLogKeyHint(log),
    });
  if (checkpoint.size !== size || !equalBytes(checkpoint.rootHash, rootHash))
    return failed('the log signed another tree than the one it lists', {
      expected: `size ${checkpoint.size}, root ${encodeHex(checkpoint.rootHash)}`,
      found: `size ${size}, root ${encodeHex(rootHash)}`,
    });
  return passed(`signed by ${checkpoint.logId}`, checkpoint);
}
