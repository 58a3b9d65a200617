import { encodeHex, equalBytes, formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import type { ReturnedEntry } from '../rekor/gathered-entry.ts';
import type { LogEntry } from '../rekor/schemas.ts';
import { parseCheckpoint, verifyCheckpointSignature, type Checkpoint } from '../tlog/checkpoint.ts';
import { verifyInclusionPromise } from '../tlog/inclusion-promise.ts';
import type { LogKey } from '../tlog/log-key.ts';
import { leafHash, rootFromInclusionProof } from '../tlog/merkle.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { failed, passed, skipped, type CheckMakers, type Finding } from './checks.ts';

export type LogCheckId = 'entry-id' | 'log-key' | 'inclusion-promise' | 'checkpoint' | 'inclusion-proof';

/** The log checks in the order of judgement, for an entry that is looked at without its chart. */
export const LOG_CHECK_ORDER: readonly LogCheckId[] = [
  'entry-id',
  'log-key',
  'inclusion-promise',
  'checkpoint',
  'inclusion-proof',
];

/** How the checks are made that need nothing but a returned entry and the trusted keys of its log. */
export function logChecks(returned: ReturnedEntry, log: TrustedLog): CheckMakers<LogCheckId> {
  const { entry } = returned;
  return {
    'entry-id': () => checkEntryId(returned),
    'log-key': () => checkLogKey(entry, log),
    'inclusion-promise': () => checkInclusionPromise(entry, keyOf(entry, log)),
    checkpoint: () => checkCheckpoint(entry, keyOf(entry, log)),
    'inclusion-proof': () => checkInclusionProof(entry),
  };
}

/**
 * The ID of the tree that a Rekor checkpoint is of: the decimal number that ends its origin, `HOST - TREE`.
 * @throws MalformedError when the origin has another form.
 */
export function treeIdOfOrigin(origin: string): string {
  const treeId = / - ([1-9][0-9]{0,18})$/.exec(origin)?.[1];
  if (treeId === undefined)
    throw new MalformedError('the origin of the checkpoint does not end in a tree ID');
  return treeId;
}

function checkEntryId({ entry, asked }: ReturnedEntry): Finding {
  const { id } = entry;
  const leaf = encodeHex(leafHash(entry.body));
  if (leaf !== id.leafHash)
    return failed('the entry is not the one that its UUID names', { expected: id.leafHash, found: leaf });
  if (!asked.some((wanted) => wanted === id.text || wanted === id.leafHash))
    return failed('the log returned an entry that was not asked for', {
      expected: asked.join(' or '),
      found: id.text,
    });
  if (entry.logIndex < entry.inclusionProof.logIndex)
    return failed('the index over all trees is below the index in one tree', {
      expected: `at least ${entry.inclusionProof.logIndex}`,
      found: `${entry.logIndex}`,
    });
  const origin = checkpointOf(entry)?.origin;
  if (origin === undefined) return skipped('depends on checkpoint');
  // Also where the UUID names no tree: what is remembered of a log is remembered by tree.
  const treeId = treeIdOfOrigin(origin);
  if (id.treeId === undefined) return passed('the leaf hash of the entry is its UUID');
  if (treeId !== id.treeId)
    return failed('the checkpoint is of another tree than the entry', { expected: id.treeId, found: treeId });
  return passed('the UUID is that of the tree and of the leaf hash of the entry');
}

function checkLogKey(entry: LogEntry, log: TrustedLog): Finding {
  const named = log.keys.filter(({ logId }) => logId === entry.logId);
  if (named.length === 0)
    return failed('the log ID names no trusted key of this log (a log may have rotated its key)', {
      expected: log.keys.map(({ logId }) => logId).join(' or '),
      found: entry.logId,
      hint: log.source.root
        ? 'if this log has a new key, helm sigstore trust update knows it'
        : 'if this log has rotated its key, pin the new one: helm sigstore log pin URL --fingerprint HEX',
    });
  if (!named.some((key) => isValidAt(key, entry.integratedTime)))
    return failed('the key of the log was not valid at the integrated time', {
      expected: named
        .map(({ validFrom, validUntil }) => `${spell(validFrom)} to ${spell(validUntil)}`)
        .join(' or '),
      found: formatTime(entry.integratedTime),
    });
  return passed(`the log ID names a trusted key (${log.source.detail})`);
}

function checkInclusionPromise(entry: LogEntry, key: LogKey): Finding {
  const { bodyBase64: body, integratedTime, logId, logIndex, signedEntryTimestamp } = entry;
  return verifyInclusionPromise({ body, integratedTime, logId, logIndex }, signedEntryTimestamp, key)
    ? passed(`the log signed that it took the entry at ${formatTime(integratedTime)}`)
    : failed('the signed entry timestamp is not a signature of the log over this entry, time and index');
}

function checkCheckpoint(entry: LogEntry, key: LogKey): Finding {
  const { checkpoint: text, treeSize, rootHash } = entry.inclusionProof;
  const checkpoint = parseCheckpoint(text);
  if (!verifyCheckpointSignature(checkpoint, key)) return failed('the checkpoint is not signed by the log');
  if (checkpoint.size !== treeSize)
    return failed('the proof is not for the tree size of the checkpoint', {
      expected: `${checkpoint.size}`,
      found: `${treeSize}`,
    });
  if (!equalBytes(checkpoint.rootHash, rootHash))
    return failed('the proof is not for the root hash of the checkpoint', {
      expected: encodeHex(checkpoint.rootHash),
      found: encodeHex(rootHash),
    });
  return passed(`the log signed the tree of size ${checkpoint.size}`);
}

function checkInclusionProof({ body, inclusionProof }: LogEntry): Finding {
  const { logIndex, treeSize, hashes, rootHash } = inclusionProof;
  const root = rootFromInclusionProof(logIndex, treeSize, leafHash(body), hashes);
  return equalBytes(root, rootHash)
    ? passed(`the entry is leaf ${logIndex} of the tree of size ${treeSize}`)
    : failed('the inclusion proof does not lead to the root hash of the checkpoint', {
        expected: encodeHex(rootHash),
        found: encodeHex(root),
      });
}

/** The key that the check `log-key` found; the checks that need it are made only when that one passed. */
function keyOf(entry: LogEntry, log: TrustedLog): LogKey {
  const key = log.keys.find((each) => each.logId === entry.logId && isValidAt(each, entry.integratedTime));
  if (key === undefined) throw new MalformedError('the log ID names no trusted key of this log');
  return key;
}

function isValidAt({ validFrom = -Infinity, validUntil = Infinity }: LogKey, time: number): boolean {
  return validFrom <= time && time <= validUntil;
}

function checkpointOf(entry: LogEntry): Checkpoint | undefined {
  try {
    return parseCheckpoint(entry.inclusionProof.checkpoint);
  } catch (thrown) {
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}

function spell(time: number | undefined): string {
  return time === undefined ? 'ever' : formatTime(time);
}
