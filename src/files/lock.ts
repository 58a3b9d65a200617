import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kill, pid } from 'node:process';
import { setTimeout } from 'node:timers/promises';

/** The right to write to a directory. */
export interface DirectoryLock {
  /** Gives the right back. */
  release(): Promise<void>;
}

/** How a lock is asked for, in milliseconds. */
export interface LockOptions {
  /** How long to wait for whoever holds it; without it, not at all. */
  readonly patience?: number;
  /** A lock that is older holds nothing: its process may have died, and its ID may be another one's now. */
  readonly maxAge?: number;
}

/** The lock is held, by a process that is alive or by this one. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';

  constructor(
    readonly owner: number,
    readonly path: string,
  ) {
    super(`in use by process ${owner} (${path})`);
  }
}

const POLL_INTERVAL = 20;

/** The directories whose lock this process holds: its own ID in a lock file does not tell. */
const held = new Set<string>();

/**
 * Takes the lock of a directory (an absolute path): a file `lock` with the ID of the process that holds it. A
 * process that is gone holds nothing, whatever it left behind.
 * @throws LockHeldError while another process, or this one, holds it
 */
export async function lockDirectory(
  directory: string,
  { patience = 0, maxAge = Infinity }: LockOptions = {},
): Promise<DirectoryLock> {
  const path = join(directory, 'lock');
  for (let left = patience; ; left -= POLL_INTERVAL) {
    const owner = await tryLock(directory, path, maxAge);
    if (owner === undefined) break;
    if (left <= 0) throw new LockHeldError(owner, path);
    await setTimeout(Math.min(POLL_INTERVAL, left));
  }
  return {
    release: async () => {
      try {
        // It may have been too old, and be somebody else's by now.
        if ((await readOwner(path)) === pid) await rm(path);
      } finally {
        held.delete(directory);
      }
    },
  };
}

/** Takes the lock, or returns the ID of the process that holds it. */
async function tryLock(directory: string, path: string, maxAge: number): Promise<number | undefined> {
  if (held.has(directory)) return pid;
  held.add(directory);
  try {
    const owner = await create(path, maxAge);
    if (owner !== undefined) held.delete(directory);
    return owner;
  } catch (error) {
    held.delete(directory);
    throw error;
  }
}

async function create(path: string, maxAge: number): Promise<number | undefined> {
  const own = `${path}.${pid}`;
  await writeFile(own, `${pid}\n`, { mode: 0o600 });
  try {
    // A link appears with all of its content at once, or not at all.
    while (!(await succeeds(link(own, path), 'EEXIST'))) {
      const owner = await readOwner(path);
      // No lock of this process: an earlier one had the same ID, as in a container the first process always has.
      const isHeld = owner !== undefined && owner !== pid && isAlive(owner);
      if (isHeld && !(await isOlder(path, own, maxAge))) return owner;
      await removeStale(path, owner);
    }
    return undefined;
  } finally {
    await rm(own, { force: true });
  }
}

/** Whether the lock is older than `maxAge` milliseconds, by the clock of the file system that has both files. */
async function isOlder(path: string, own: string, maxAge: number): Promise<boolean> {
  if (maxAge === Infinity) return false;
  try {
    const [lock, now] = await Promise.all([stat(path), stat(own)]);
    return now.mtimeMs - lock.mtimeMs > maxAge;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Moves the lock away before it is deleted: of several processes that saw it stale, one gets it. */
async function removeStale(path: string, owner: number | undefined): Promise<void> {
  const away = `${path}.stale.${pid}`;
  if (!(await succeeds(rename(path, away), 'ENOENT'))) return;
  // If another process was faster, this is its new lock: back with it, and see it on the next round.
  if ((await readOwner(away)) !== owner) await rename(away, path);
  else await rm(away);
}

async function readOwner(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  });
  return /^[1-9][0-9]*\n$/.test(text) ? Number(text) : undefined;
}

function isAlive(process: number): boolean {
  try {
    return kill(process, 0);
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** Whether the operation came to its end; false when it failed with this code. */
async function succeeds(operation: Promise<void>, code: string): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (hasCode(error, code)) return false;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
