import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeHex } from '../../encoding.ts';
import { InputError, MalformedError, messageOf, SigstoreError } from '../../errors.ts';
import { isPresent } from '../../files/is-present.ts';
import { readRegular } from '../../files/regular-file.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { logKeyFromPem, type LogKey } from '../../tlog/log-key.ts';
import { ACKNOWLEDGED, AcknowledgedFile } from '../journal/acknowledged.ts';
import { EntriesFile, forReading } from '../journal/entries-file.ts';
import {
  beginRotation,
  finishRotation,
  FROZEN_MARK,
  isRotating,
  NEW_LOG,
  PREPARED,
  requireNotFrozen,
} from '../log/finish-rotation.ts';
import { requireLog } from '../log/found-log.ts';
import { FROZEN_DIRECTORY, type FrozenHead } from '../log/frozen-list.ts';
import { frozenTreesIn } from '../log/frozen-tree.ts';
import { Journal, JOURNAL } from '../journal/journal.ts';
import type { KeySource } from '../key-file.ts';
import { withLockedDirectory } from '../log/locked-directory.ts';
import { lossForOwner } from '../journal/loss.ts';
import { treeIdOf } from '../log/origin.ts';
import { replayTree, type ReplayedTree } from '../log/replay-tree.ts';
import { RESTORED } from '../restored.ts';
import { startNextTree } from './next-tree.ts';
import { writeStaticCopy } from '../log/static-copy.ts';
import { syncDirectory, TileFiles } from '../tiles/tile-files.ts';
import { TreeEntries } from '../log/tree-entries.ts';

/** A log after its rotation. */
export interface RotatedLog {
  readonly directory: string;
  /** Whether it was an earlier rotation, which was interrupted, that is finished now. */
  readonly wasInterrupted: boolean;
  readonly frozen: RotatedTree & { readonly size: number; readonly rootHash: string };
  readonly active: RotatedTree;
  /** Where the old private key is now, if it is in the directory. */
  readonly oldKeyPath: string | undefined;
}

/** A tree by its ID (decimal) and the ID of its key. */
interface RotatedTree {
  readonly treeId: string;
  readonly logId: string;
}

/**
 * Freezes the tree of a log, and starts a new one with a new key in its place. The old private key is not needed: nothing is
 * signed with it again. A crash at any moment leaves the old log or the new one.
 * @param source where the new key is; without a file a new one is made in the directory
 * @throws InputError when there is no log, one of an older format, one that lost entries, is damaged or in use, when the key
 * is not a new one, and for errors of the file system
 */
export async function rotateLog(directory: string, source: KeySource = {}): Promise<RotatedLog> {
  if (!(await isPresent(join(directory, JOURNAL))) && !(await isRotating(directory)))
    await requireLog(join(directory, JOURNAL), directory);
  return await withLockedDirectory(directory, async ({ home, lock }) => {
    await requireNotFrozen(home);
    await requireNotRestored(home);
    const wasInterrupted = await finishRotation(home);
    if (!wasInterrupted) {
      await prepared(home, directory, source);
      await beginRotation(home);
      await finishRotation(home);
    }
    const rotated = await describeRotated(home);
    await lock.release();
    return { ...rotated, wasInterrupted };
  });
}

/** @throws InputError for a copy of a log, of which clients may know entries that it lacks */
async function requireNotRestored(home: string): Promise<void> {
  if (!(await isPresent(join(home, RESTORED)))) return;
  throw new InputError(
    `the log in ${home} was restored from a backup: it may lack entries that clients know of`,
    '"helm sigstore log resume" ends that; rotate it then',
  );
}

/** Prepares a rotation; if that fails, the log is what it was. */
async function prepared(home: string, directory: string, source: KeySource): Promise<void> {
  try {
    await prepare(home, directory, source);
  } catch (error) {
    await finishRotation(home);
    if (error instanceof SigstoreError) throw error;
    throw new InputError(
      `cannot rotate the log in ${directory}: ${messageOf(error)}`,
      'the log is what it was: nothing was rotated',
    );
  }
}

async function prepare(home: string, directory: string, source: KeySource): Promise<void> {
  const path = join(home, JOURNAL);
  const { file: acknowledged, last } = await AcknowledgedFile.open(join(home, ACKNOWLEDGED), forReading);
  await acknowledged.close();
  await requireLog(path, directory, last);
  const key = await publicKeyIn(home);
  const files = new TileFiles(home);
  const file = await EntriesFile.open(path);
  try {
    const tree = await replayTree({ file, files, last, key });
    const { header, contents, replayed } = tree;
    if (replayed.loss !== undefined) throw new InputError(lossForOwner(path, replayed.loss));
    // What was told to nobody goes, and what stays is durable.
    await file.settle(replayed.end);
    await syncDirectory(home);
    const { head } = contents;
    const entries = new TreeEntries({ files, journal: new Journal({ file, header, ...replayed }), key });
    await writeStaticCopy({ files, key, read: (index) => entries.read(index) }, contents);
    const own = { ...head, key, treeId: treeIdOf(head.origin) };
    const frozen = [...frozenTreesIn(files, { header, origin: head.origin, key }), own];
    await mkdir(join(home, FROZEN_DIRECTORY), { recursive: true, mode: 0o700 });
    const fresh = join(home, PREPARED, NEW_LOG);
    await mkdir(fresh, { recursive: true, mode: 0o700 });
    const place = join(home, PREPARED, own.treeId);
    await mkdir(place, { mode: 0o700 });
    await replaceFile(
      join(place, FROZEN_MARK),
      'A tree of the log in the directory above. Nobody adds to it.\n',
    );
    await syncDirectory(place);
    await startNextTree(fresh, { frozen, header, newestTime: contents.newestTime }, source);
    await syncDirectory(join(home, PREPARED));
    await syncDirectory(home);
  } finally {
    await file.close();
  }
}

/** What the directory says after a rotation. */
async function describeRotated(home: string): Promise<Omit<RotatedLog, 'wasInterrupted'>> {
  const key = await publicKeyIn(home);
  const files = new TileFiles(home);
  const file = await EntriesFile.open(join(home, JOURNAL), forReading);
  let tree: ReplayedTree;
  try {
    tree = await replayTree({ file, files, last: undefined, key });
  } finally {
    await file.close();
  }
  const { origin } = tree.contents.head;
  const newest = frozenTreesIn(files, { header: tree.header, origin, key }).at(-1);
  if (newest === undefined) throw new Error('a log that was rotated and has no frozen tree');
  return {
    directory: home,
    frozen: frozenMembers(newest),
    active: { treeId: treeIdOf(origin), logId: key.logId },
    oldKeyPath: await oldKeyOf(home, newest),
  };
}

function frozenMembers({ treeId, size, rootHash, key: { logId } }: FrozenHead): RotatedLog['frozen'] {
  return { treeId, logId, size, rootHash: encodeHex(rootHash) };
}

async function oldKeyOf(home: string, { treeId }: FrozenHead): Promise<string | undefined> {
  const path = join(home, FROZEN_DIRECTORY, treeId, 'key.pem');
  return (await isPresent(path)) ? path : undefined;
}

/** The public key of the log in a directory. @throws InputError when its file is missing or has none */
async function publicKeyIn(home: string): Promise<LogKey> {
  const path = join(home, 'public-key.pem');
  try {
    return logKeyFromPem((await readRegular(path)).toString());
  } catch (error) {
    if (error instanceof SigstoreError && !(error instanceof MalformedError)) throw error;
    throw new InputError(
      `expected the public key of the log in ${path}: ${messageOf(error)}`,
      '"helm sigstore log serve" makes the file again when it starts',
    );
  }
}
