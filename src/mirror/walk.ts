import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import { isFileSystemError } from '../files/error-code.ts';

/** Something in a directory, by its path below it. */
export interface FoundPath {
  readonly path: string;
  /** In words; undefined: a regular file. */
  readonly kind: string | undefined;
}

/** More files than a mirror has, even with foreign ones beside them. */
const MAX_FOUND = 1_000_000;

/**
 * What is in a directory and in the folders of these names, in no order. Links are named, never followed; another
 * folder is named, and not looked into.
 * @throws InputError if it cannot be read, or holds more than anybody looks through
 */
export async function* walkMirror(
  directory: string,
  folders: ReadonlySet<string>,
): AsyncGenerator<FoundPath, void, void> {
  let count = 0;
  const open = [''];
  try {
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      for await (const entry of await opendir(join(directory, folder))) {
        if (++count > MAX_FOUND)
          throw new InputError(`expected at most ${MAX_FOUND} files in ${directory}, found more`);
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (folder === '' && entry.isDirectory() && folders.has(entry.name)) open.push(entry.name);
        else yield { path, kind: kindOfEntry(entry) };
      }
    }
  } catch (error) {
    if (isFileSystemError(error))
      throw new InputError(`cannot look through ${directory}: ${messageOf(error)}`);
    throw error;
  }
}

function kindOfEntry(entry: Dirent): string | undefined {
  if (entry.isFile()) return undefined;
  if (entry.isSymbolicLink()) return 'a symbolic link';
  if (entry.isDirectory()) return 'a directory';
  if (entry.isFIFO()) return 'a pipe';
  return entry.isSocket() ? 'a socket' : 'a device';
}
