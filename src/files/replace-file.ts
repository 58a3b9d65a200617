import { randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';

/** Writes a file piece by piece. */
export type WriteFile = (file: FileHandle) => Promise<void>;

export interface Replacement {
  /** 0600 unless given: the file is for its user alone. */
  readonly mode?: number;
  /**
   * The path of the new file while it is written; what a crash left there is removed. Use it only under a
   * lock. By default each call has a path of its own.
   */
  readonly temporary?: string;
}

/**
 * Replaces a file atomically: a reader finds the whole old file or the whole new one, also after a crash.
 * @throws the error of the file system, or of a function that writes the content
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array | WriteFile,
  { mode = 0o600, temporary = `${path}.${randomUUID()}` }: Replacement = {},
): Promise<void> {
  await rm(temporary, { force: true });
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await (typeof content === 'function' ? content(file) : file.writeFile(content));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
