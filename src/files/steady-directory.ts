import { constants } from 'node:fs';
import { lstat, open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { getuid, platform } from 'node:process';
import { InputError } from '../errors.ts';
import { keepsNames } from './run-directory.ts';

/** A directory of the user alone, and paths that mean it whatever others do with its name. */
export interface SteadyDirectory {
  /** For this process. */
  readonly path: string;
  /** For a program that gets the descriptor as its fourth, the one behind stderr. */
  readonly handedPath: string;
  /** Undefined: that program needs none. */
  readonly descriptor: number | undefined;
  readonly close: () => Promise<void>;
}

/**
 * Takes hold of a directory of the user alone. Where others can write to one that it lies in, and so put another in its
 * place, it is meant by an open descriptor, which only Linux has paths for.
 * @throws InputError if it is somebody else's, or others can take its place and nothing prevents that
 */
export async function steadyDirectory(directory: string): Promise<SteadyDirectory> {
  try {
    return await take(directory);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw exchangeable(directory, error);
  }
}

async function take(directory: string): Promise<SteadyDirectory> {
  const path = await realpath(directory);
  const user = getuid?.();
  if (user === undefined || (await areNamesKept(path, user))) {
    requireOwn(await lstat(path), directory, user);
    return { path, handedPath: path, descriptor: undefined, close: () => Promise.resolve() };
  }
  if (platform !== 'linux') throw exchangeable(directory);
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    requireOwn(await handle.stat(), directory, user);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return byDescriptor(handle);
}

function byDescriptor(handle: FileHandle): SteadyDirectory {
  return {
    path: `/proc/self/fd/${handle.fd}`,
    handedPath: '/proc/self/fd/3',
    descriptor: handle.fd,
    close: () => handle.close(),
  };
}

/** Whether all directories that one lies in keep the names of what the user has there. */
async function areNamesKept(path: string, user: number): Promise<boolean> {
  const parent = dirname(path);
  return parent === path || ((await keepsNames(parent, user)) && (await areNamesKept(parent, user)));
}

function requireOwn(
  { uid, mode }: { readonly uid: number; readonly mode: number },
  directory: string,
  user: number | undefined,
): void {
  if (user !== undefined && (uid !== user || (mode & 0o077) !== 0)) throw exchangeable(directory);
}

function exchangeable(directory: string, cause?: unknown): InputError {
  return new InputError(
    `others can put another directory in the place of ${directory}`,
    'name a directory for temporary files in TMPDIR that only you can write to',
    { cause },
  );
}
