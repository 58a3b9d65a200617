import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { linkTarget } from './link-target.ts';

/**
 * A file or its folder, of a symbolic link also that of its target, if every user of the machine may change it; undefined: not
 * every user may. In a folder with the sticky bit nobody replaces a file of another.
 * @throws the error of the file system
 */
export async function writableByOthers(path: string): Promise<string | undefined> {
  const target = await linkTarget(path);
  for (const [at, sticky] of [
    [path, 0],
    [dirname(path), 0o1000],
    [dirname(target ?? path), 0o1000],
  ] as const) {
    const { mode } = await stat(at);
    if ((mode & 0o002) !== 0 && (mode & sticky) === 0) return at;
  }
  return undefined;
}
