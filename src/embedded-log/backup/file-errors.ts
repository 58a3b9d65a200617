import { InputError, messageOf } from '../../errors.ts';
import { isFileSystemError } from '../../files/error-code.ts';

/**
 * Does work on files, and says what could not be done when the file system refuses.
 * @param failure such as `cannot write a.tar`
 * @throws InputError in place of an error of the file system, and what else the work throws
 */
export async function orInputError<T>(failure: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
    // Node writes `ENOSPC: no space left on device, write`.
    const why = /^[A-Z0-9]+: ([^,]+)/.exec(messageOf(error))?.[1] ?? messageOf(error);
    throw new InputError(`${failure}: ${why}`, undefined, { cause: error });
  }
}
