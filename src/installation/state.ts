import { access, constants, rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError, messageOf } from '../errors.ts';

/** Whether there is something at the path. */
export async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** Whether files can be made in the directory, or, where it is missing, it can be made itself. */
export async function isWritable(directory: string): Promise<boolean> {
  if (!(await isThere(directory)))
    return dirname(directory) !== directory && (await isWritable(dirname(directory)));
  return await access(directory, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * Removes what is kept in the directories, then their parent if nothing else is in it, and returns those that were
 * there.
 * @throws InputError if one cannot be removed
 */
export async function clearState(directories: readonly string[]): Promise<string[]> {
  const cleared: string[] = [];
  for (const directory of directories) {
    if (!(await isThere(directory))) continue;
    try {
      await rm(directory, { recursive: true });
    } catch (error) {
      throw new InputError(`cannot remove ${directory}: ${messageOf(error)}`);
    }
    cleared.push(directory);
    // The parent may be a directory of the user, with other files in it.
    await rmdir(dirname(directory)).catch(() => undefined);
  }
  return cleared;
}
