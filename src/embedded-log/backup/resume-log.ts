import { encodeHex, equalBytes } from '../../encoding.ts';
import { InputError, MalformedError, messageOf, RejectedError } from '../../errors.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import type { BackedUpLog } from './back-up.ts';
import { signedCheckpointsIn } from './checkpoints-in.ts';
import type { LogContents, SignedTreeHead } from '../log/contents.ts';
import { withRestored, type RestoredOptions } from './open-restored.ts';
import { logNameOf, treeIdOf } from '../log/origin.ts';
import { writeStaticCopy } from '../log/static-copy.ts';
import type { Store } from '../log/store.ts';

/** A file that its owner named. */
export interface CheckpointFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A checkpoint of a log, and the file that it is in. */
export interface FoundCheckpoint {
  readonly path: string;
  readonly head: SignedTreeHead;
}

/** A log that takes entries again. */
export interface ResumedLog extends BackedUpLog {
  /** The size of the largest checkpoint that was given; undefined: there was none. */
  readonly newest: number | undefined;
}

/**
 * Lets a restored log take entries again: all that anybody is known to have seen of it is in it.
 * @param newest files with the newest checkpoints that anybody has; none: its owner says that there is nothing newer
 * @throws InputError when a file has no checkpoint of this log, or one of more entries than the log has; RejectedError when one is of
 * another tree
 */
export async function resumeLog(
  directory: string,
  newest: readonly CheckpointFile[],
  options: RestoredOptions,
): Promise<ResumedLog> {
  return await withRestored(directory, options, async ({ store, contents }) => {
    const { key } = store.signer;
    const found = newest.flatMap((file) => checkpointsOf(file, contents, key));
    requireSameTree(found, contents);
    const { size } = contents.head;
    const missing = largestOf(found.filter(({ head }) => head.size > size));
    if (missing !== undefined)
      throw new InputError(
        `${missing.path} has a checkpoint of ${missing.head.size} entries, and the log in ${directory} has ${size}: ` +
          `${missing.head.size - size} are missing`,
        `put them back, from evidence that lies beside charts: helm sigstore log replay --dir ${directory} --from DIRECTORY`,
      );
    await store.endRestored();
    const source = { files: store.files, key, read: (index: number) => store.read(index) };
    await writeStaticCopy(source, contents).catch((error: unknown) => {
      // The next server writes them.
      options.warn(`cannot write the files for tile clients: ${messageOf(error)}`);
    });
    return { ...logOf(contents, store), newest: largestOf(found)?.head.size };
  });
}

/** What is said of a log. */
export function logOf({ head }: LogContents, { signer }: Pick<Store, 'signer'>): BackedUpLog {
  const { origin, size, rootHash } = head;
  return {
    ...{ name: logNameOf(origin), treeId: treeIdOf(origin), logId: signer.key.logId },
    ...{ size, rootHash: encodeHex(rootHash) },
  };
}

/** Those of the tree of this log in a file. @throws InputError when there is none */
function checkpointsOf(
  { path, bytes }: CheckpointFile,
  { head }: LogContents,
  key: LogKey,
): FoundCheckpoint[] {
  const signed = signedIn({ path, bytes }, key);
  const ours = signed.filter(({ origin }) => origin === head.origin);
  if (ours.length > 0) return ours.map((each) => ({ path, head: each }));
  const [other] = signed;
  throw new InputError(
    other === undefined
      ? `${path} has no checkpoint that this log signed`
      : `${path} has no checkpoint of tree ${treeIdOf(head.origin)}, but one of tree ${treeIdOf(other.origin)}`,
    'name what a client, a monitor or an evidence file has of this log',
  );
}

/** @throws InputError when the file has more checkpoints than anybody has */
export function signedIn({ path, bytes }: CheckpointFile, key: LogKey): SignedTreeHead[] {
  try {
    return signedCheckpointsIn(bytes, key);
  } catch (error) {
    if (error instanceof MalformedError) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}

/** @throws RejectedError when one of them, as far as the tree goes, is of another tree */
export function requireSameTree(found: readonly FoundCheckpoint[], { tree }: LogContents): void {
  for (const { path, head } of found)
    if (head.size <= tree.size && !equalBytes(head.rootHash, tree.root(head.size)))
      throw new RejectedError(
        `${path} has a checkpoint of ${head.size} entries that are not those of this log: its key signed two trees of one name`,
        'nothing was changed; keep that file, and look for another server that had this key',
      );
}

/** The one with the most entries. */
export function largestOf(found: readonly FoundCheckpoint[]): FoundCheckpoint | undefined {
  return found.reduce<FoundCheckpoint | undefined>(
    (most, each) => (most === undefined || each.head.size > most.head.size ? each : most),
    undefined,
  );
}
