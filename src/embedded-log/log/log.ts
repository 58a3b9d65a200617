import { encodeHex } from '../../encoding.ts';
import { messageOf } from '../../errors.ts';
import { leafHash } from '../../tlog/merkle.ts';
import { CommitQueue } from './commit-queue.ts';
import type { LogContents } from './contents.ts';
import { openFrozenTrees, type FrozenTree } from './frozen-tree.ts';
import { LogTrees } from './log-trees.ts';
import { openStore, type StoreOptions } from './open-store.ts';
import type { Candidate, StoredEntry } from '../journal/record.ts';
import { CHECKPOINT, writeStaticCopy } from './static-copy.ts';
import type { Store } from './store.ts';
import { TileWriter, type MoveLimits } from './tile-writer.ts';
import { TreeReader } from './tree-reader.ts';
import { Writer, type CommittedEntry, type WriterOptions } from './writer.ts';

/** What the operator of a log provides. */
export interface LogOptions extends WriterOptions, Partial<StoreOptions> {
  /** When entries are moved from the journal into tiles. */
  readonly moveLimits?: MoveLimits;
}

/** A transparency log in one directory: the tree that grows. Those that were frozen before are in `trees`. */
export class Log extends TreeReader {
  /** All trees of the log. */
  readonly trees: LogTrees;
  private readonly queue: CommitQueue<Candidate, CommittedEntry>;

  private constructor(
    private readonly store: Store,
    contents: LogContents,
    private readonly writer: Writer,
    private readonly tiles: TileWriter,
    private readonly frozen: readonly FrozenTree[],
    private readonly options: LogOptions,
  ) {
    super(store, contents, store.signer.key);
    this.trees = new LogTrees(frozen, this);
    this.queue = new CommitQueue(async (candidates) => {
      const committed = await writer.commit(candidates);
      for (const { index, stored } of committed) this.addPromise(index, stored);
      return committed;
    });
  }

  /**
   * Opens the log in a directory, or starts a new one there.
   * @param now the time in seconds since 1970
   * @throws InputError when the directory is in use or damaged
   */
  static async open(directory: string, now: () => number, options: LogOptions = {}): Promise<Log> {
    const warn = options.warn ?? (() => undefined);
    const { store, contents } = await openStore(directory, { ...options, warn });
    const frozen = await openFrozenTrees(store, contents.head.origin, warn).catch(async (error: unknown) => {
      contents.index.close();
      await store.close();
      throw error;
    });
    const tiles = new TileWriter(store, contents, warn, options.moveLimits);
    const writer = new Writer(store, contents, tiles, now, options);
    const log = new Log(store, contents, writer, tiles, frozen, options);
    if (!store.isReadOnly && store.files.read(CHECKPOINT) === undefined) await log.leaveStaticCopy();
    return log;
  }

  /** The file with the log's public key (PEM). */
  get publicKeyPath(): string {
    return this.store.publicKeyPath;
  }

  /** Where others reach the log, as its owner said when it was made. */
  get publicUrl(): string | undefined {
    return this.store.header.publicUrl;
  }

  /**
   * Adds a leaf, unless it is in the tree already. Fulfilled when the leaf, its promise and its checkpoint
   * are durable; what was stored of it is there if this call added it.
   * @throws Unwritable when it cannot be written now. Then the log is unchanged, and the client may ask
   * again. A log that lost entries accepts no leaf, not even one that it has
   */
  async upload(
    candidate: Candidate,
  ): Promise<{ readonly index: number; readonly stored: StoredEntry | undefined }> {
    this.store.requireNoLoss();
    const leaf = encodeHex(leafHash(candidate.body));
    const known = this.indexOf(leaf);
    if (known !== undefined) return { index: known, stored: undefined };
    const { result, isNew } = await this.queue.add(leaf, candidate);
    return isNew ? result : { index: result.index, stored: undefined };
  }

  /** As `upload`, for those who do not answer with what was stored. */
  async add(candidate: Candidate): Promise<{ readonly index: number; readonly isNew: boolean }> {
    const { index, stored } = await this.upload(candidate);
    return { index, isNew: stored !== undefined };
  }

  /** @throws Unwritable while it takes no entries, whatever room the disk has */
  requireWritable(): void {
    this.store.requireNoLoss();
    this.writer.requireWritable();
  }

  /** Waits for work under way, leaves the directory as tile clients read it, and releases it. */
  async close(): Promise<void> {
    await this.queue.idle();
    if (!this.store.isReadOnly) {
      await this.tiles.finish();
      await this.leaveStaticCopy();
    }
    this.contents.index.close();
    for (const tree of this.frozen) await tree.close();
    await this.store.close();
  }

  private async leaveStaticCopy(): Promise<void> {
    const { store } = this;
    const source = { files: store.files, key: this.key, read: (index: number) => store.read(index) };
    await writeStaticCopy(source, this.contents).catch((error: unknown) => {
      this.options.warn?.(`cannot write the files for tile clients: ${messageOf(error)}`);
    });
  }
}
