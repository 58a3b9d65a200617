import { encodeBase64, encodeHex, equalBytes, formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { treeIdOfOrigin } from '../rekor/entry-id.ts';
import {
  parseCheckpoint,
  verifyCheckpointSignature,
  type Checkpoint,
  type TreeHead,
} from '../tlog/checkpoint.ts';
import { verifyInclusionPromise, type InclusionPromise } from '../tlog/inclusion-promise.ts';
import type { LogKey, Validity } from '../tlog/log-key.ts';
import type { LoggedEntry, ReturnedEntry } from '../tlog/logged-entry.ts';
import { leafHash, rootFromInclusionProof } from '../tlog/merkle.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { failed, passed, skipped, type CheckResult, type Facts } from './checks.ts';
import { newLogKeyHint } from './hints.ts';
import { check } from './make-checks.ts';

/** An entry as its log returned it, and the trusted keys of that log. */
export interface LoggedEvidence extends ReturnedEntry {
  readonly log: TrustedLog;
}

/** Whether the entry is the one that its UUID names, and one that was asked for. */
export const entryId = check([], checkEntryId);

/** Whether the log ID names a trusted key, valid at the integrated time: that key is the fact. */
export const logKey = check([], checkLogKey);

/** Whether the log signed that it took the entry at the integrated time. */
export const inclusionPromise = check(['log-key'], checkInclusionPromise);

/** Whether the log signed the tree that the proof is for: its head is the fact. */
export const checkpoint = check(['log-key'], checkCheckpoint);

/** Whether the proof leads from the entry to the root of the checkpoint. */
export const inclusionProof = check(['checkpoint'], checkInclusionProof);

function checkEntryId({ entry, asked }: LoggedEvidence): CheckResult<undefined> {
  const { id, proof, time } = entry;
  const leaf = encodeHex(leafHash(entry.body));
  if (leaf !== id.leafHash)
    return failed('the entry is not the one that its UUID names', { expected: id.leafHash, found: leaf });
  if (!asked.some((wanted) => wanted === id.text || wanted === id.leafHash))
    return failed('the log returned an entry that was not asked for', {
      expected:
        asked.length === 1 ? asked.join() : `one of the ${asked.length} that were, ${asked[0]} among them`,
      found: id.text,
    });
  if (time.logIndex < proof.index)
    return failed('the index over all trees is below the index in one tree', {
      expected: `at least ${proof.index}`,
      found: `${time.logIndex}`,
    });
  const origin = checkpointOf(entry)?.origin;
  if (origin === undefined) return skipped('depends on checkpoint');
  // This is checked even where the UUID names no tree: what is remembered of a log is remembered by tree.
  const treeId = treeIdOfOrigin(origin);
  if (id.treeId === undefined) return passed('the leaf hash of the entry is its UUID');
  if (treeId !== id.treeId)
    return failed('the checkpoint is of another tree than the entry', { expected: id.treeId, found: treeId });
  return passed('the UUID is that of the tree and of the leaf hash of the entry');
}

function checkLogKey({ entry, log }: LoggedEvidence): CheckResult<LogKey> {
  const named = log.keys.filter(({ logId }) => logId === entry.logId);
  if (named.length === 0)
    return failed('the log ID names no trusted key of this log (a log may have rotated its key)', {
      expected: log.keys.map(({ logId }) => logId).join(' or '),
      found: entry.logId,
      hint: newLogKeyHint(log),
    });
  const key = named.find((each) => isValidAt(each, entry.time.integratedTime));
  if (key === undefined)
    return failed('the key of the log was not valid at the integrated time', {
      expected: named
        .map(({ validFrom, validUntil }) => `${spell(validFrom)} to ${spell(validUntil)}`)
        .join(' or '),
      found: formatTime(entry.time.integratedTime),
      hint: newLogKeyHint(log),
    });
  return passed(`the log ID names a trusted key (${log.source.detail})`, key);
}

function checkInclusionPromise(
  { entry }: LoggedEvidence,
  { 'log-key': key }: Pick<Facts, 'log-key'>,
): CheckResult<undefined> {
  const { logId, time, body } = entry;
  return judgePromise({ body, logId, ...time }, key);
}

/** Whether this key signed that its log took an entry, at that time and index. */
export function judgePromise(
  promise: Omit<InclusionPromise, 'body'> & { readonly body: Uint8Array; readonly signature: Uint8Array },
  key: LogKey,
): CheckResult<undefined> {
  const { body, signature, ...said } = promise;
  return verifyInclusionPromise({ ...said, body: encodeBase64(body) }, signature, key)
    ? passed(`the log signed that it took the entry at ${formatTime(said.integratedTime)}`)
    : failed('the signed entry timestamp is not a signature of the log over this entry, time and index');
}

function checkCheckpoint(
  { entry }: LoggedEvidence,
  { 'log-key': key }: Pick<Facts, 'log-key'>,
): CheckResult<TreeHead> {
  return judgeCheckpoint(entry.proof, key);
}

/** Whether this key signed the tree that a proof is for: its head is the fact. @throws MalformedError */
export function judgeCheckpoint(
  { checkpoint: text, size, rootHash }: Omit<LoggedEntry['proof'], 'hashes' | 'index'>,
  key: LogKey,
): CheckResult<TreeHead> {
  const signed = parseCheckpoint(text);
  if (!verifyCheckpointSignature(signed, key)) return failed('the checkpoint is not signed by the log');
  if (signed.size !== size)
    return failed('the proof is not for the tree size of the checkpoint', {
      expected: `${signed.size}`,
      found: `${size}`,
    });
  if (!equalBytes(signed.rootHash, rootHash))
    return failed('the proof is not for the root hash of the checkpoint', {
      expected: encodeHex(signed.rootHash),
      found: encodeHex(rootHash),
    });
  return passed(`the log signed the tree of size ${signed.size}`, signed);
}

function checkInclusionProof({ entry }: LoggedEvidence): CheckResult<undefined> {
  return judgeInclusion(entry.body, entry.proof);
}

/** Whether a proof leads from the bytes of an entry to its root. @throws MalformedError */
export function judgeInclusion(
  body: Uint8Array,
  { index, size, hashes, rootHash }: Omit<LoggedEntry['proof'], 'checkpoint'>,
): CheckResult<undefined> {
  const root = rootFromInclusionProof(index, size, leafHash(body), hashes);
  return equalBytes(root, rootHash)
    ? passed(`the entry is leaf ${index} of the tree of size ${size}`)
    : failed('the inclusion proof does not lead to the root hash of the checkpoint', {
        expected: encodeHex(rootHash),
        found: encodeHex(root),
      });
}

/** Whether a key was valid at a time, in seconds since 1970. */
export function isValidAt({ validFrom = -Infinity, validUntil = Infinity }: Validity, time: number): boolean {
  return validFrom <= time && time <= validUntil;
}

function checkpointOf(entry: LoggedEntry): Checkpoint | undefined {
  try {
    return parseCheckpoint(entry.proof.checkpoint);
  } catch (thrown) {
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}

function spell(time: number | undefined): string {
  return time === undefined ? 'ever' : formatTime(time);
}
