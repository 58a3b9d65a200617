import { join, resolve } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import { isFileSystemError } from '../files/error-code.ts';
import { OddFileError } from './file-inside.ts';
import { MANIFEST } from './manifest.ts';

/**
 * Does work on the files of a mirror. What goes wrong with one is told with the name of the mirror.
 * @param path its directory
 * @throws InputError in place of OddFileError and of the errors of the file system; everything else as it is
 */
export async function inMirror<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OddFileError || isFileSystemError(error))) throw error;
    const why = isFileInstead(error, path) ? 'it is no directory' : messageOf(error);
    throw new InputError(`cannot use ${path} as a mirror: ${why}`);
  }
}

/** Whether a directory could not be made, or looked into, as something else stands there. */
function isFileInstead({ code, path: at = '' }: NodeJS.ErrnoException, path: string): boolean {
  return (
    (code === 'EEXIST' && resolve(at) === resolve(path)) ||
    (code === 'ENOTDIR' && resolve(at) === resolve(join(path, MANIFEST)))
  );
}
