import { randomUUID } from 'node:crypto';
import { link, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { hasCode } from './error-code.ts';
import { describeProcess, hasEnded } from './process-identity.ts';
import { readRegular } from './regular-file.ts';

/** The right to write to a directory. */
export interface DirectoryLock {
  /**
   * Whether the lock is still held: a process that slept for longer than the maximal age may have lost it.
   */
  isHeld(): Promise<boolean>;
  /** Gives the right back. */
  release(): Promise<void>;
}

/** How a lock is asked for, in milliseconds. */
export interface LockOptions {
  /** How long to wait for another holder; by default not at all. */
  readonly patience?: number;
  /**
   * An older lock no longer counts: its process is taken to have died on another host or in another
   * container.
   */
  readonly maxAge?: number;
}

/** Another process, or another task of this one, did not give the lock back in time. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
}

const POLL_INTERVAL = 20;

/**
 * Takes the lock of a directory (an absolute path) for some milliseconds: a file `lock`. In rare cases two
 * processes may hold it, so use it only for data that may be lost; for other data use {@link lockFile} of
 * `kernel-lock.ts`. The lock of a process that is known to have ended does not count. A process of another
 * container or host cannot be seen; its lock counts until the maximal age.
 * @throws LockTimeoutError, and the error of the file system
 */
export async function lockDirectory(
  directory: string,
  { patience = 0, maxAge = 10_000 }: LockOptions = {},
): Promise<DirectoryLock> {
  const path = join(directory, 'lock');
  const mark = `${await describeProcess()} ${randomUUID()}\n`;
  for (let left = patience; !(await tryLock(path, mark, maxAge)); left -= POLL_INTERVAL) {
    if (left <= 0) throw new LockTimeoutError(`${path} is held by another process`);
    await setTimeout(Math.min(POLL_INTERVAL, left));
  }
  const isHeld = async () => (await readMark(path)) === mark;
  return {
    isHeld,
    release: async () => {
      if (await isHeld()) await rm(path, { force: true });
    },
  };
}

/** Takes the lock, or says that somebody else has it. */
async function tryLock(path: string, mark: string, maxAge: number): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, mark, { mode: 0o600 });
  try {
    // A hard link makes the file appear with its whole content in one step.
    while (!(await succeeds(link(own, path), 'EEXIST'))) {
      const holder = await readMark(path);
      if (holder === undefined) continue;
      if (!(await hasEnded(holder)) && !(await isOlder(path, own, maxAge))) return false;
      await removeStale(path, holder);
    }
    return true;
  } finally {
    await rm(own, { force: true });
  }
}

/** Whether the lock is older than `maxAge` milliseconds, by the clock of the file system that has both files. */
async function isOlder(path: string, own: string, maxAge: number): Promise<boolean> {
  try {
    const [lock, now] = await Promise.all([stat(path), stat(own)]);
    // A lock with a date far in the future was made before the clock was set back.
    return Math.abs(now.mtimeMs - lock.mtimeMs) > maxAge;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/**
 * Renames the lock before deleting it: of several processes that saw a stale lock, only one can rename it.
 */
async function removeStale(path: string, holder: string): Promise<void> {
  const away = `${path}.stale.${randomUUID()}`;
  if (!(await succeeds(rename(path, away), 'ENOENT'))) return;
  // If another process was faster, this is its new lock: put it back, unless there is an even newer one.
  if ((await readMark(away)) !== holder) await succeeds(link(away, path), 'EEXIST');
  await rm(away, { force: true });
}

/** The content of the lock; undefined if there is no lock. */
async function readMark(path: string): Promise<string | undefined> {
  try {
    return (await readRegular(path)).toString();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether the operation succeeded; false if it failed with this code. */
async function succeeds(operation: Promise<void>, code: string): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (hasCode(error, code)) return false;
    throw error;
  }
}
