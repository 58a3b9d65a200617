import { MalformedError } from '../errors.ts';
import { treeIdOfOrigin } from '../rekor/entry-id.ts';
import type { ReturnedEntry } from '../tlog/logged-entry.ts';
import { parseCheckpoint, verifyCheckpointSignature, type TreeHead } from '../tlog/checkpoint.ts';
import type { LogKey } from '../tlog/log-key.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { firstFailure } from './checks.ts';
import { checkpoint, logKey } from './log-checks.ts';
import { makeChecks } from './make-checks.ts';

/** A checkpoint: a tree head that a trusted key of a log signed. */
export interface SignedCheckpoint extends TreeHead {
  /** Of the key that signed it: 64 hexadecimal digits. */
  readonly logId: string;
  /** Decimal. */
  readonly treeId: string;
  /** The signed note that spells it. */
  readonly note: string;
}

/**
 * The checkpoint of Rekor that a signed note spells, if one of these keys signed it; else undefined.
 * @throws MalformedError when the text is no checkpoint, or its origin names no tree
 */
export function readSignedCheckpoint(text: string, keys: readonly LogKey[]): SignedCheckpoint | undefined {
  const parsed = parseCheckpoint(text);
  const { origin, size, rootHash } = parsed;
  const isNamed = keys.some((each) => each.origin === origin);
  const treeId = isNamed ? ONLY_TREE : treeIdOfOrigin(origin);
  const key = keys.find(
    (each) => each.origin === (isNamed ? origin : undefined) && verifyCheckpointSignature(parsed, each),
  );
  return key && { origin, size, rootHash, logId: key.logId, treeId, note: text };
}

/** A Rekor v2 has one tree under each of its names: what its keys are called says already which one it is. */
const ONLY_TREE = '1';

/**
 * The checkpoint under a returned entry; undefined where the checks `log-key` and `checkpoint` do not pass.
 * An entry does not tell where its tree begins among all trees of the log: its promise has an index over all
 * trees, its proof has one within a tree, and nothing says that both are about the same tree.
 */
export async function signedCheckpointOf(
  returned: ReturnedEntry,
  log: TrustedLog,
): Promise<SignedCheckpoint | undefined> {
  const { facts, checks } = await makeChecks(SIGNED_CHECKPOINT, { ...returned, log });
  const { 'log-key': key, checkpoint: head } = facts;
  if (firstFailure(checks) !== undefined || key === undefined || head === undefined) return undefined;
  const { origin, size, rootHash } = head;
  try {
    const { checkpoint: note } = returned.entry.proof;
    return { origin, size, rootHash, logId: key.logId, treeId: treeIdOfOrigin(origin), note };
  } catch (thrown) {
    // A checkpoint that names no tree fails the check `entry-id`.
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}

const SIGNED_CHECKPOINT = { 'log-key': logKey, checkpoint };
