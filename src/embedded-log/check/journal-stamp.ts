import { stat } from 'node:fs/promises';
import { hasCode } from '../../files/error-code.ts';

/** What changes when a log writes; undefined when there is no such file. */
export async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
