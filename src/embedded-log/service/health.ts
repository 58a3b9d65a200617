import { messageOf } from '../../errors.ts';
import { isFileSystemError } from '../../files/error-code.ts';
import { unwritable, Unwritable } from '../log/unwritable.ts';

/** What can keep a log from taking entries. Each throws `Unwritable`, or the error of the file system. */
export interface WriteProbes {
  /** Asks the log itself: it may have lost entries, its clock may be behind. */
  readonly log: () => void;
  /** Tries the disk. */
  readonly disk: () => Promise<void>;
}

/** Whether a log takes entries now. The disk is tried at most once in some seconds, however often it is asked. */
export class Health {
  #tried = -Infinity;
  #disk: Promise<string | undefined> = Promise.resolve(undefined);

  /** @param probes undefined: nobody wants to write, so nothing is tried */
  constructor(private readonly probes: WriteProbes | undefined) {}

  /** Why it takes none, in words; undefined: it takes entries. */
  async whyUnhealthy(): Promise<string | undefined> {
    const { probes } = this;
    if (probes === undefined) return undefined;
    const now = performance.now();
    if (now - this.#tried > AGAIN) {
      this.#tried = now;
      this.#disk = reasonOf(probes.disk);
    }
    return (await reasonOf(probes.log)) ?? (await this.#disk);
  }
}

/** Milliseconds from one try of the disk to the next. */
const AGAIN = 5000;

async function reasonOf(probe: () => void | Promise<void>): Promise<string | undefined> {
  try {
    await probe();
    return undefined;
  } catch (error) {
    if (error instanceof Unwritable || isFileSystemError(error)) return unwritable(error).message;
    return messageOf(error);
  }
}
