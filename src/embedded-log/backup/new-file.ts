import { randomUUID } from 'node:crypto';
import { link, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InputError } from '../../errors.ts';
import { hasCode } from '../../files/error-code.ts';
import { isPresent } from '../../files/is-present.ts';
import { syncDirectory } from '../tiles/tile-files.ts';

/**
 * Makes a file (0600) in one step: it is there with all its content, durably, or not at all. What is there is never replaced.
 * @param write is given the file, which is empty
 * @throws InputError when there is something of that name; the error of the file system, or of `write`
 */
export async function makeNewFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  await requireAbsent(path);
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await nameIt(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(dirname(resolve(path)));
}

/** A link is refused where the name is taken meanwhile, and a new name is not; but not every file system has links. */
async function nameIt(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    await requireAbsent(path);
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
    await rename(temporary, path);
  }
}

async function requireAbsent(path: string): Promise<void> {
  if (await isPresent(path))
    throw new InputError(
      `${path} is there already, and is not replaced`,
      'name a new file, or remove that one',
    );
}
