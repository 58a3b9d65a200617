import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf, SigstoreError } from '../../errors.ts';
import { LockHeldError, lockFile, LockUnavailableError, type KernelLock } from '../../files/kernel-lock.ts';

/** The directory of a log that nobody else can write to. */
export interface LockedDirectory {
  /** Its path, without links. */
  readonly home: string;
  readonly lock: KernelLock;
}

/**
 * Locks the directory of a log, which is made if it is missing, and works with it. The work keeps the lock; if it fails, the
 * lock is released.
 * @throws InputError when another process uses the directory, when it cannot be locked, and for errors of the file system
 */
export async function withLockedDirectory<T>(
  directory: string,
  work: (locked: LockedDirectory) => Promise<T>,
): Promise<T> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const home = await realpath(directory);
    const lock = await lockFile(join(home, 'server.lock'));
    try {
      return await work({ home, lock });
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof SigstoreError) throw error;
    if (error instanceof LockHeldError)
      throw new InputError(`the log in ${directory} is in use by ${error.holder}`, 'stop that process first');
    if (error instanceof LockUnavailableError)
      throw new InputError(
        `the log in ${directory} cannot be locked against a second server: ${error.message}`,
        'install flock (of util-linux or busybox), and keep the log on a file system that has locks',
      );
    throw new InputError(`cannot open the log in ${directory}: ${messageOf(error)}`);
  }
}
