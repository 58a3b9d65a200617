import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { platform } from 'node:process';
import { hasCode } from '../../files/error-code.ts';
import { replaceFile } from '../../files/replace-file.ts';

/** Most bytes of a file that is read whole: more than a bundle of the largest entries has. */
const MOST_BYTES = 64 << 20;

/**
 * The files of a directory that never change once they count: tiles, promises, parts of the index. They are read
 * without waiting for a thread: what is in the cache of the system, and that is nearly all, comes faster so.
 */
export class TileFiles {
  /** @param home the directory of the log */
  constructor(readonly home: string) {}

  /** The bytes of a file, or a part of them; undefined when there is no such file. @throws the error of the file system */
  read(path: string, offset = 0, length?: number): Buffer | undefined {
    let file;
    try {
      file = openSync(join(this.home, path), 'r');
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
    try {
      const wanted = length ?? Math.min(fstatSync(file).size, MOST_BYTES);
      const bytes = Buffer.allocUnsafeSlow(wanted);
      return bytes.subarray(0, readSync(file, bytes, 0, wanted, offset));
    } finally {
      closeSync(file);
    }
  }

  /** The names of the directories in it, in no order. */
  directories(): string[] {
    const found = readdirSync(this.home, { withFileTypes: true });
    return found.filter((each) => each.isDirectory()).map(({ name }) => name);
  }

  /** The paths of all files below a directory; none when it is not there. */
  list(path: string): string[] {
    try {
      const found = readdirSync(join(this.home, path), { recursive: true, withFileTypes: true });
      const from = this.home.length + 1;
      return found
        .filter((each) => each.isFile())
        .map((each) => join(each.parentPath, each.name).slice(from));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  /**
   * Writes files durably, with the directories that they need; what was there of them is replaced.
   * @throws the error of the file system
   */
  async write(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const directories = new Set<string>();
    for (const path of files.keys())
      for (let directory = dirname(path); !directories.has(directory); directory = dirname(directory))
        directories.add(directory);
    for (const directory of [...directories].sort())
      await mkdir(join(this.home, directory), { recursive: true, mode: 0o700 });
    await Promise.all([...files].map(([path, bytes]) => replaceFile(join(this.home, path), bytes)));
    for (const directory of directories) await syncDirectory(join(this.home, directory));
  }

  /** Removes a file or a directory, if it is there. @throws the error of the file system */
  async remove(path: string): Promise<void> {
    await rm(join(this.home, path), { recursive: true, force: true });
  }
}

/** Makes the names of new files durable. Windows has no such call, and does it by itself. */
export async function syncDirectory(path: string): Promise<void> {
  if (platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
