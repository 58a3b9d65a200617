import { isFileSystemError } from '../../files/error-code.ts';
import { leafHash } from '../../tlog/merkle.ts';
import type { LogContents } from './contents.ts';
import { ForeignWriteError } from '../journal/entries-file.ts';
import { signHead } from './origin.ts';
import { withPromise } from './promise.ts';
import type { Candidate, StoredEntry } from '../journal/record.ts';
import type { Store } from './store.ts';
import type { TileWriter } from './tile-writer.ts';
import { timeOfCommit, Unwritable, unwritable } from './unwritable.ts';

/** How the writer of a log reports to its owner. */
export interface WriterOptions {
  /** Is told when uploads begin to fail and when they succeed again, not for each upload. */
  readonly warn?: (text: string) => void;
  /** Is told once that the log must end, because its file is not what it wrote. */
  readonly onForeignWrite?: (error: ForeignWriteError) => void;
  /** Is told of how many entries a batch has that is written now. What it returns is called when they are durable. */
  readonly onCommit?: (entries: number) => () => void;
}

/** An entry that is durable, as it was signed. */
export interface CommittedEntry {
  readonly index: number;
  readonly stored: StoredEntry;
}

/** Makes the entries of a log: dates, promises, signs and stores them, a batch at a time. */
export class Writer {
  /** Why uploads are refused; empty while they are taken. */
  private trouble = '';
  private foreignWrite: ForeignWriteError | undefined;

  /** @param now the time in seconds since 1970 */
  constructor(
    private readonly store: Store,
    private readonly contents: LogContents,
    private readonly tiles: TileWriter,
    private readonly now: () => number,
    private readonly options: WriterOptions,
  ) {}

  /**
   * Makes these the next entries, all or none, and returns them; one batch must end before the next begins.
   * @throws Unwritable when they cannot be written now; then the log is unchanged
   */
  async commit(candidates: readonly Candidate[]): Promise<readonly CommittedEntry[]> {
    const { store, contents } = this;
    const { head } = contents;
    try {
      await this.requireMayWrite();
      await this.tiles.move();
      const integratedTime = timeOfCommit(this.now(), contents.newestTime);
      const next = (store.header.offset ?? 0) + head.size;
      const entries = candidates.map((candidate, position) =>
        withPromise({ ...candidate, integratedTime }, next + position, store.signer),
      );
      for (const { body } of entries) contents.tree.append(leafHash(body));
      const size = head.size + entries.length;
      const grown = { origin: head.origin, size, rootHash: contents.tree.root(size) };
      const batch = { entries, checkpoint: signHead(grown, store.signer) };
      const committed = this.options.onCommit?.(entries.length);
      await store.append(batch);
      committed?.();
      contents.publish(batch);
      this.tiles.begin();
      this.tell('');
      return entries.map((stored, position) => ({ index: head.size + position, stored }));
    } catch (error) {
      contents.takeBack();
      throw this.failureOf(error);
    }
  }

  /** @throws Unwritable when no entry can be dated or written now, whatever room the disk has */
  requireWritable(): void {
    if (this.foreignWrite !== undefined) throw anotherWriter();
    timeOfCommit(this.now(), this.contents.newestTime);
  }

  private async requireMayWrite(): Promise<void> {
    if (this.foreignWrite !== undefined) throw this.foreignWrite;
    await this.store.requireUntouched();
  }

  private failureOf(error: unknown): unknown {
    if (error instanceof ForeignWriteError) {
      if (this.foreignWrite === undefined) this.options.onForeignWrite?.(error);
      this.foreignWrite = error;
      return anotherWriter();
    }
    if (!isFileSystemError(error) && !(error instanceof Unwritable)) return error;
    const failure = unwritable(error);
    this.tell(failure.message);
    return failure;
  }

  /** Tells the owner when uploads begin to fail and when they succeed again, not for each upload. */
  private tell(trouble: string): void {
    const { warn } = this.options;
    if (trouble !== '' && trouble !== this.trouble) warn?.(`no uploads are taken: ${trouble}`);
    if (trouble === '' && this.trouble !== '') warn?.('uploads are taken again');
    this.trouble = trouble;
  }
}

function anotherWriter(): Unwritable {
  return new Unwritable('another process wrote to the log: it ends');
}
