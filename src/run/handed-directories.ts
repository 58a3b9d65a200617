import { steadyDirectory, type SteadyDirectory } from '../files/steady-directory.ts';
import { Downloads } from './downloads.ts';

/** The directories of a run that it hands to other programs, or takes files of theirs from: nobody else can change what is in them, or exchange them. */
export class HandedDirectories {
  readonly #downloads: Downloads;
  readonly #held: SteadyDirectory[] = [];

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#downloads = new Downloads(env);
  }

  /** A new one. @throws InputError if there is no room for temporary files, or others could exchange it */
  async directory(): Promise<SteadyDirectory> {
    const { path } = await this.#downloads.directory();
    const held = await steadyDirectory(path);
    this.#held.push(held);
    return held;
  }

  /** Removes them all. */
  async remove(): Promise<void> {
    for (const { close } of this.#held) await close();
    await this.#downloads.remove();
  }
}
