import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { isPresent } from '../../files/is-present.ts';
import { orInputError } from './file-errors.ts';
import type { KeySource } from '../key-file.ts';
import { openStore, type OpenedStore } from '../log/open-store.ts';
import { RESTORED } from '../restored.ts';
import { Unwritable } from '../log/unwritable.ts';

export interface RestoredOptions extends KeySource {
  /** Is told what the owner of the log should know. */
  readonly warn: (text: string) => void;
}

/**
 * Does something with a directory that was restored, which nobody else uses meanwhile.
 * @throws InputError when it was not restored, is in use or damaged, or lacks what the backup had; and what the work throws
 */
export async function withRestored<T>(
  directory: string,
  options: RestoredOptions,
  work: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  if (!(await isPresent(join(directory, RESTORED))))
    throw new InputError(
      `the log in ${directory} is no copy that waits for "log resume"`,
      '"helm sigstore log restore" makes one of a backup; a log that was not restored goes on by itself',
    );
  return await orInputError(`cannot change the log in ${directory}`, async () => {
    const { store, contents } = await openStore(directory, { ...options, mayBeRestored: true });
    try {
      store.requireNoLoss('but the mark');
      return await work({ store, contents });
    } catch (error) {
      if (error instanceof Unwritable)
        throw new InputError(error.message, 'restore the backup again, to another directory');
      throw error;
    } finally {
      contents.index.close();
      await store.close();
    }
  });
}
