import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '../../errors.ts';
import { isPresent } from '../../files/is-present.ts';
import { FROZEN_DIRECTORY, FROZEN_LIST } from './frozen-list.ts';
import { JOURNAL } from '../journal/journal.ts';
import { syncDirectory } from '../tiles/tile-files.ts';

/** What a rotation prepares: nothing of it counts. */
export const PREPARED = 'rotation.new';
/** The same under its second name, which it gets in one step: from then on the log is the new one. */
const ROTATION = 'rotation';
/** What is in it: the files of the new log, and beside them the directory of the old tree, which has its ID as its name. */
export const NEW_LOG = 'log';
/** In the directory of a frozen tree: nobody adds to it. Its content is for people. */
export const FROZEN_MARK = 'frozen';

/** All that belongs to a tree in its directory. */
const OF_A_TREE = [
  JOURNAL,
  'tile',
  'promises',
  'large',
  'index',
  'checkpoint',
  FROZEN_LIST,
  'key.pem',
  'public-key.pem',
  'acknowledged',
];

/** Whether a rotation was interrupted after the step that made it count. */
export async function isRotating(home: string): Promise<boolean> {
  return await isPresent(join(home, ROTATION));
}

/** @param directory as its owner calls it @throws InputError when a rotation was interrupted, and is not finished yet */
export async function requireNotRotating(home: string, directory: string): Promise<void> {
  if (await isRotating(home))
    throw new InputError(
      `a rotation of the log in ${directory} was interrupted`,
      '"helm sigstore log serve" and "helm sigstore log rotate" finish it',
    );
}

/** @throws InputError when the tree in a directory was frozen, and takes no entries any more */
export async function requireNotFrozen(home: string): Promise<void> {
  if (await isPresent(join(home, FROZEN_MARK)))
    throw new InputError(
      `the tree in ${home} was frozen by a rotation`,
      `name the directory of its log: --dir ${dirname(dirname(home))}`,
    );
}

/** Lets a rotation count that was prepared and is durable. @throws the error of the file system */
export async function beginRotation(home: string): Promise<void> {
  await rename(join(home, PREPARED), join(home, ROTATION));
  await syncDirectory(home);
}

/**
 * Finishes a rotation that counts: the old tree gets a directory of its own, and the new log its place. All of it is renaming,
 * which needs no room, and can be done again from any point at which a crash ended it. One that does not count is removed.
 * @param home the directory of a log, which is locked
 * @returns whether there was one to finish
 * @throws the error of the file system
 */
export async function finishRotation(home: string): Promise<boolean> {
  await rm(join(home, PREPARED), { recursive: true, force: true });
  if (!(await isRotating(home))) return false;
  const rotation = join(home, ROTATION);
  const old = (await readdir(rotation)).find((name) => name !== NEW_LOG);
  if (old !== undefined) await freeze(home, old);
  const fresh = join(rotation, NEW_LOG);
  if (await isPresent(fresh)) {
    for (const name of await readdir(fresh)) await rename(join(fresh, name), join(home, name));
    await syncDirectory(home);
  }
  await rm(rotation, { recursive: true });
  await syncDirectory(home);
  return true;
}

/** Moves the old tree. While its directory is in that of the rotation, nothing of the new log is in its place. */
async function freeze(home: string, treeId: string): Promise<void> {
  const rotation = join(home, ROTATION);
  const tree = join(rotation, treeId);
  for (const name of OF_A_TREE)
    if (await isPresent(join(home, name))) await rename(join(home, name), join(tree, name));
  await syncDirectory(tree);
  await syncDirectory(home);
  const frozen = join(home, FROZEN_DIRECTORY);
  await mkdir(frozen, { recursive: true, mode: 0o700 });
  await rename(tree, join(frozen, treeId));
  await syncDirectory(frozen);
  await syncDirectory(rotation);
}
