import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import { evidencePath } from './evidence.ts';

/** More files than anybody has charts, so that a wrong directory is noticed. */
const MOST_FILES = 1_000_000;

/**
 * The paths of all evidence files in a directory and the directories in it, those of one directory in the order of their names;
 * of any other path, the path alone. Links are not followed.
 * @throws InputError if one cannot be looked through
 */
export async function* evidenceFilesIn(path: string): AsyncGenerator<string, void, void> {
  let isDirectory = false;
  try {
    isDirectory = (await stat(path)).isDirectory();
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${messageOf(error)}`);
  }
  if (!isDirectory) {
    yield path;
    return;
  }
  let count = 0;
  for (const open = [path]; open.length > 0;) {
    const directory = open.pop() ?? '';
    const files: string[] = [];
    try {
      for await (const entry of await opendir(directory)) {
        if (++count > MOST_FILES) throw new InputError(`expected at most ${MOST_FILES} files in ${path}`);
        if (entry.isDirectory()) open.push(join(directory, entry.name));
        else if (entry.isFile() && entry.name.endsWith(SUFFIX)) files.push(join(directory, entry.name));
      }
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(`cannot look through ${directory}: ${messageOf(error)}`);
    }
    yield* files.sort();
  }
}

const SUFFIX = evidencePath('');
