import { open, type FileHandle } from 'node:fs/promises';
import { InputError, messageOf } from '../errors.ts';

/** A file that lines are appended to, readable by its owner alone. Whoever moves it away has it opened anew. */
export class AppendedFile {
  #file: FileHandle;
  /** Whether the last line may be incomplete, because the disk was full. */
  #isTorn = false;
  #last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    file: FileHandle,
  ) {
    this.#file = file;
  }

  /** @throws InputError if it cannot be opened */
  static async open(path: string): Promise<AppendedFile> {
    return new AppendedFile(path, await openToAppend(path));
  }

  /** @throws the error of the file system */
  async append(text: string): Promise<void> {
    await this.#inTurn(async () => {
      const begin = this.#isTorn ? '\n' : '';
      this.#isTorn = true;
      await this.#file.appendFile(begin + text);
      this.#isTorn = false;
    });
  }

  /** Goes on in the file that has the name now, or in a new one. @throws InputError as `open` does; then the old one stays */
  async reopen(): Promise<void> {
    await this.#inTurn(async () => {
      const file = await openToAppend(this.path);
      await this.#file.close();
      this.#file = file;
      this.#isTorn = false;
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#file.close());
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    await mine;
  }
}

async function openToAppend(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a', 0o600);
  } catch (error) {
    throw new InputError(`cannot write to ${path}: ${messageOf(error)}`, undefined, { cause: error });
  }
}
