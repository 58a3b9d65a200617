import { MalformedError } from '../errors.ts';
import type { ReturnedEntry } from '../rekor/gathered-entry.ts';
import { parseCheckpoint, verifyCheckpointSignature, type TreeHead } from '../tlog/checkpoint.ts';
import type { LogKey } from '../tlog/log-key.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { makeChecks } from './checks.ts';
import { logChecks, treeIdOfOrigin } from './log-checks.ts';

/** A tree head that a trusted key of a log signed. */
export interface SignedHead extends TreeHead {
  /** Of the key that signed it: 64 hexadecimal digits. */
  readonly logId: string;
  /** Decimal. */
  readonly treeId: string;
  /** The signed note. */
  readonly checkpoint: string;
}

/** What a returned entry proves about its tree. */
export interface ProvenHead {
  readonly head: SignedHead;
  /** Where the tree begins among all trees of the log; undefined where the entry's two indexes are not proven. */
  readonly offset: number | undefined;
}

/**
 * The tree head in a checkpoint (a signed note) of Rekor, signed by one of these keys; undefined when none of them did.
 * @throws MalformedError when the text is no checkpoint, or its origin names no tree
 */
export function readSignedHead(text: string, keys: readonly LogKey[]): SignedHead | undefined {
  const checkpoint = parseCheckpoint(text);
  const treeId = treeIdOfOrigin(checkpoint.origin);
  const key = keys.find((each) => verifyCheckpointSignature(checkpoint, each));
  if (key === undefined) return undefined;
  const { origin, size, rootHash } = checkpoint;
  return { origin, size, rootHash, logId: key.logId, treeId, checkpoint: text };
}

/** The tree head under a returned entry; undefined where the checks `log-key` and `checkpoint` do not pass. */
export async function provenHead(returned: ReturnedEntry, log: TrustedLog): Promise<ProvenHead | undefined> {
  const order = ['log-key', 'inclusion-promise', 'checkpoint', 'inclusion-proof'] as const;
  const checks = await makeChecks(logChecks(returned, log), order);
  const holds = (id: (typeof order)[number]) =>
    checks.some((check) => check.id === id && check.outcome === 'passed');
  if (!holds('checkpoint')) return undefined;
  const { inclusionProof, logId, logIndex } = returned.entry;
  const keys = log.keys.filter((key) => key.logId === logId);
  try {
    const head = readSignedHead(inclusionProof.checkpoint, keys);
    const isIndexed =
      holds('inclusion-promise') && holds('inclusion-proof') && logIndex >= inclusionProof.logIndex;
    return head && { head, offset: isIndexed ? logIndex - inclusionProof.logIndex : undefined };
  } catch (thrown) {
    // A checkpoint that names no tree fails the check `entry-id`.
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}
