import { realpath, stat } from 'node:fs/promises';
import { replaceFile } from './replace-file.ts';

/**
 * Replaces a file of another program in one step: who may read it stays, and so does a link that leads to it.
 * @throws the error of the file system
 */
export async function replaceInPlace(path: string, text: string): Promise<void> {
  const real = await realpath(path);
  const { mode } = await stat(real);
  await replaceFile(real, text, { mode: mode & 0o777 });
}
