import { lstat, realpath } from 'node:fs/promises';

/** Where a symbolic link leads; undefined: the path is none, or leads nowhere. @throws the error of the file system */
export async function linkTarget(path: string): Promise<string | undefined> {
  if (!(await lstat(path)).isSymbolicLink()) return undefined;
  return await realpath(path).catch(() => undefined);
}
