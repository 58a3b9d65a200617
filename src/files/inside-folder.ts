import { readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { hasCode } from './error-code.ts';

/** A link leads out of the folder in which everything has to be. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';

  constructor(readonly path: string) {
    super(`${path} is a symbolic link that leads out of its folder`);
  }
}

/**
 * Requires that a path in a folder, and all that is below it, leads to places in that folder, whatever symbolic links are
 * on the way. Names that begin with two dots are left out: in them Kubernetes keeps what it mounts.
 * @returns the path, with the folder before it; undefined if there is nothing
 * @throws OutsideError
 * @throws the error of the file system
 */
export async function requireInside(folder: string, path: string): Promise<string | undefined> {
  const root = await realpath(folder);
  const whole = join(folder, path);
  try {
    await requireBelow(root, whole, DEPTH, new Set());
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  return whole;
}

/** A folder of keys has two levels at most. */
const DEPTH = 8;

async function requireBelow(root: string, path: string, depth: number, seen: Set<string>): Promise<void> {
  const real = await realpath(path);
  if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) throw new OutsideError(path);
  if (depth === 0 || seen.has(real)) return;
  // Links may lead round in circles.
  seen.add(real);
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (hasCode(error, 'ENOTDIR')) return [];
    throw error;
  });
  for (const { name } of entries) {
    if (name.startsWith('..')) continue;
    await requireBelow(root, join(path, name), depth - 1, seen);
  }
}
