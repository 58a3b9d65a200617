import { setImmediate } from 'node:timers/promises';
import { encodeHex, equalBytes } from '../encoding.ts';
import { messageOf } from '../errors.ts';
import { formatEntryId } from '../rekor/entry-id.ts';
import type { LogKey } from '../tlog/log-key.ts';
import { leafHash } from '../tlog/merkle.ts';
import { CommitQueue } from './commit-queue.ts';
import type { LogContents, SignedTreeHead } from './contents.ts';
import { entryAnswer, type EntryAnswer } from './entry-answer.ts';
import { openStore, type StoreOptions } from './open-store.ts';
import { treeIdOf } from './origin.ts';
import { promiseOf } from './promise.ts';
import type { Candidate, StoredEntry } from './record.ts';
import { ShownTiles } from './shown-tiles.ts';
import { CHECKPOINT, writeStaticCopy } from './static-copy.ts';
import type { Store } from './store.ts';
import { TileWriter, type MoveLimits } from './tile-writer.ts';
import { VerifiedPromises } from './verified-promises.ts';
import { Writer, type CommittedEntry, type WriterOptions } from './writer.ts';

/** What the operator of a log provides. */
export interface LogOptions extends WriterOptions, Partial<StoreOptions> {
  /** When entries are moved from the journal into tiles. */
  readonly moveLimits?: MoveLimits;
}

/** A transparency log of one tree, in one directory. */
export class Log {
  /** Decimal. */
  readonly treeId: string;
  /** Its tiles, for clients of these. */
  readonly shown: ShownTiles;
  private readonly promises: VerifiedPromises;
  private readonly queue: CommitQueue<Candidate, CommittedEntry>;
  /** The beginning of all entry IDs: the tree ID. */
  private readonly idPrefix: string;

  private constructor(
    private readonly store: Store,
    private readonly contents: LogContents,
    private readonly writer: Writer,
    private readonly tiles: TileWriter,
    private readonly options: LogOptions,
  ) {
    this.treeId = treeIdOf(contents.head.origin);
    this.idPrefix = formatEntryId('0'.repeat(64), this.treeId).text.slice(0, -64);
    this.promises = new VerifiedPromises(store.signer.key);
    this.shown = new ShownTiles(store, contents);
    this.queue = new CommitQueue(async (candidates) => {
      const committed = await writer.commit(candidates);
      for (const { index, stored } of committed)
        this.promises.add(promiseOf(stored, index, this.key), stored.signedEntryTimestamp);
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
    const tiles = new TileWriter(store, contents, warn, options.moveLimits);
    const log = new Log(store, contents, new Writer(store, contents, tiles, now, options), tiles, options);
    if (!store.isReadOnly && store.files.read(CHECKPOINT) === undefined) await log.leaveStaticCopy();
    return log;
  }

  /** The file with the log's public key (PEM). */
  get publicKeyPath(): string {
    return this.store.publicKeyPath;
  }

  get publicKeyPem(): string {
    return this.key.publicKey.export({ format: 'pem', type: 'spki' }) as string;
  }

  get key(): LogKey {
    return this.store.signer.key;
  }

  /** Where others reach the log, as its owner said when it was made. */
  get publicUrl(): string | undefined {
    return this.store.header.publicUrl;
  }

  /** The latest checkpoint. */
  get head(): SignedTreeHead {
    return this.contents.head;
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

  /**
   * The entry at this index (below the size of the tree), by its entry ID.
   * @throws InputError when the stored entry is not the one that was signed
   */
  // eslint-disable-next-line @typescript-eslint/require-await -- damage is a rejection, as elsewhere
  async entry(index: number): Promise<Record<string, EntryAnswer>> {
    const stored = this.store.read(index);
    const { body, signedEntryTimestamp } = stored;
    if (
      !equalBytes(leafHash(body), this.contents.tree.leaf(index)) ||
      !this.promises.holds(promiseOf(stored, index, this.key), signedEntryTimestamp)
    )
      throw this.store.damaged(index, 'it is not what was signed');
    return this.answerOf(index, stored);
  }

  /** The entry at this index, by its entry ID, from what `upload` said was stored of it: what was signed a moment ago. */
  answerOf(index: number, stored: StoredEntry): Record<string, EntryAnswer> {
    const promise = promiseOf(stored, index, this.key);
    return { [this.entryId(index)]: entryAnswer(promise, stored.signedEntryTimestamp, this.contents) };
  }

  /** The bytes that these entries take in the store; an answer has few more. */
  bytesOf(indexes: readonly number[]): number {
    return indexes.reduce((sum, index) => sum + this.store.bytesOf(index), 0);
  }

  /** The 80 hexadecimal digits that name the entry at this index. */
  entryId(index: number): string {
    return this.idPrefix + encodeHex(this.contents.tree.leaf(index));
  }

  /** The index of the entry with this leaf hash (hexadecimal), if the log has it. */
  indexOf(leafHash: string): number | undefined {
    return this.contents.indexOf(leafHash);
  }

  /** The IDs of the first `limit` entries that any (`or`) or all (`and`) of the search keys find. */
  async search(keys: readonly string[], operator: 'and' | 'or', limit = Infinity): Promise<string[]> {
    const ids: string[] = [];
    for (const index of await this.contents.index.search(keys, operator, limit)) {
      // Each may be in a tile of its own; others have their turn.
      if (ids.push(this.entryId(index)) % 100 === 0) await setImmediate();
    }
    return ids;
  }

  /** An upper bound for the entries that any of the keys finds. */
  count(keys: readonly string[]): number {
    return this.contents.index.count(keys);
  }

  /** The proof that the tree of `size1` leaves is a prefix of that of `size2`; `0 < size1 <= size2 <= head.size`. */
  consistencyProof(size1: number, size2: number): string[] {
    return this.contents.tree.consistencyProof(size1, size2).map(encodeHex);
  }

  /** Waits for work under way, leaves the directory as tile clients read it, and releases it. */
  async close(): Promise<void> {
    await this.queue.idle();
    if (!this.store.isReadOnly) {
      await this.tiles.finish();
      await this.leaveStaticCopy();
    }
    this.contents.index.close();
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
