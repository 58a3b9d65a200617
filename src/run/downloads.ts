import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DownloadDirectory } from '../chart/fetch/fetching.ts';
import { InputError, messageOf } from '../errors.ts';
import { makeRunDirectory, removeTree } from '../files/run-directory.ts';

/** The directory for what a run fetches: of its user alone, made when something is fetched. */
export class Downloads {
  readonly #env: Readonly<Record<string, string | undefined>>;
  #directory: Promise<string> | undefined;
  #count = 0;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  /** A new directory in it. @throws InputError if there is no room for temporary files */
  async directory(): Promise<DownloadDirectory> {
    try {
      const path = join(
        await (this.#directory ??= makeRunDirectory(this.#env['TMPDIR'] || tmpdir(), 'charts')),
        `${(this.#count += 1)}`,
      );
      await mkdir(path, { mode: 0o700 });
      return { path, remove: () => removeTree(path).catch(() => undefined) };
    } catch (error) {
      throw new InputError(
        `cannot make a directory for what is fetched: ${messageOf(error)}`,
        'name a directory for temporary files in TMPDIR',
        { cause: error },
      );
    }
  }

  /** Removes it with all that was fetched. */
  async remove(): Promise<void> {
    const directory = await this.#directory?.catch(() => undefined);
    if (directory !== undefined) await removeTree(directory);
  }
}
