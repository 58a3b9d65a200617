import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kill, pid } from 'node:process';
import { InputError } from '../errors.ts';

/** The right to write to a directory. */
export interface DirectoryLock {
  /** Gives the right back. */
  release(): Promise<void>;
}

/** The directories whose lock this process holds: its own ID in a lock file does not tell. */
const held = new Set<string>();

/**
 * Takes the lock of a directory (an absolute path): a file `lock` with the ID of the process that holds it. A
 * process that is gone holds nothing, whatever it left behind.
 * @throws InputError while another process, or this one, holds it
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, 'lock');
  if (held.has(directory)) throw inUse(directory, pid, path);
  held.add(directory);
  try {
    await create(directory, path);
  } catch (error) {
    held.delete(directory);
    throw error;
  }
  return {
    release: async () => {
      await rm(path, { force: true });
      held.delete(directory);
    },
  };
}

async function create(directory: string, path: string): Promise<void> {
  const own = `${path}.${pid}`;
  await writeFile(own, `${pid}\n`, { mode: 0o600 });
  try {
    // A link appears with all of its content at once, or not at all.
    while (!(await succeeds(link(own, path), 'EEXIST'))) {
      const owner = await readOwner(path);
      // No lock of this process: an earlier one had the same ID, as in a container the first process always has.
      if (owner !== undefined && owner !== pid && isAlive(owner)) throw inUse(directory, owner, path);
      await removeStale(path, owner);
    }
  } finally {
    await rm(own, { force: true });
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

function inUse(directory: string, owner: number, path: string): InputError {
  return new InputError(
    `the log in ${directory} is in use by process ${owner}`,
    `stop that process; if it is no log, remove ${path}`,
  );
}
