import { lstat, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { describeProcess, processState } from './process-identity.ts';
import { readRegular } from './regular-file.ts';

/** What a run has a directory for. */
export type RunDirectoryKind = 'charts' | 'tuf';

/** In each directory: which process it belongs to. */
const OWNER = 'owner';
const NAME = /^helm-sigstore-(?:charts|tuf)-[A-Za-z0-9]{6}$/;
/** Milliseconds after which a directory counts as left, if nobody can see whether its run still goes on. */
const LEFT_AFTER = 24 * 60 * 60 * 1000;

/**
 * Makes a directory for files of this run alone, with one file in it that says whose it is. Before that it removes those that
 * earlier runs left because nothing could be done when they ended: they were killed, or the machine stopped.
 * @param parent where temporary files are, an existing directory
 * @throws the error of the file system if it cannot be made
 */
export async function makeRunDirectory(parent: string, kind: RunDirectoryKind): Promise<string> {
  const path = await mkdtemp(join(parent, `helm-sigstore-${kind}-`));
  try {
    await writeFile(join(path, OWNER), `${await describeProcess()} \n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    await removeTree(path);
    throw error;
  }
  // What cannot be removed is no matter of this run.
  await removeLeft(parent, (await stat(path)).mtimeMs).catch(() => undefined);
  return path;
}

/** Removes a directory with all that is in it, though a write that was under way may still add to it. */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** @param now milliseconds since 1970, by the clock of the file system */
async function removeLeft(parent: string, now: number): Promise<void> {
  const uid = getuid?.();
  if (uid === undefined || !(await keepsNames(parent, uid))) return;
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (NAME.test(name) && (await isLeft(path, uid, now))) await removeTree(path).catch(() => undefined);
  }
}

/** Whether nobody else can put another directory, or a link to one, in the place of one of the user in this one. */
export async function keepsNames(parent: string, user: number): Promise<boolean> {
  const { uid, mode } = await stat(parent);
  return (uid === user || uid === 0) && ((mode & 0o1000) !== 0 || (mode & 0o022) === 0);
}

/** Whether it is a directory of the user alone whose run has ended. */
async function isLeft(path: string, user: number, now: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isDirectory() || found.uid !== user || (found.mode & 0o777) !== 0o700) return false;
  const owner = await readRegular(join(path, OWNER), OWNER_LIMIT).then(String, () => '');
  const state = await processState(owner);
  if (state === 'running' || state === 'ended') return state === 'ended';
  return now - found.mtimeMs > LEFT_AFTER;
}

const OWNER_LIMIT = 1000;
