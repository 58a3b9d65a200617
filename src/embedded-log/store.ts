import { MalformedError, messageOf } from '../errors.ts';
import type { KernelLock } from '../files/kernel-lock.ts';
import type { AcknowledgedFile } from './acknowledged.ts';
import type { Batch } from './batches.ts';
import { damaged } from './damage.ts';
import { ForeignWriteError, type EntriesFile } from './entries-file.ts';
import { pathsOfBundle } from './entry-bundle.ts';
import type { JournalHeader } from './journal-header.ts';
import { chainBefore, chainOfLines, entriesInLines } from './journal.ts';
import type { SigningKey } from './key-file.ts';
import { lossForClients, type Loss } from './loss.ts';
import type { Places } from './places.ts';
import { RecordWriter } from './record-writer.ts';
import {
  FORMAT_VERSION,
  formatRecord,
  NO_CHAIN,
  readRecord,
  type Chain,
  type StoredEntry,
} from './record.ts';
import type { StoredPromise, TileName } from './promise-bundle.ts';
import { StoredEntries } from './stored-entries.ts';
import { syncDirectory, type TileFiles } from './tile-files.ts';
import type { TreeEdge } from './tree.ts';
import { Unwritable } from './unwritable.ts';

/** The parts of a store whose directory is open: see `open-store.ts`. */
export interface StoreParts {
  readonly signer: SigningKey;
  /** The file with the public key (PEM). */
  readonly publicKeyPath: string;
  readonly header: JournalHeader;
  readonly files: TileFiles;
  readonly journal: EntriesFile;
  readonly acknowledged: AcknowledgedFile;
  readonly lock: KernelLock;
  /** Of the entries in the journal. */
  readonly places: Places;
  /** The chain at the end of the last batch. */
  readonly chain: Chain;
  /** Where its seal begins, in bytes. */
  readonly sealStart: number;
  /** What is missing at the end. If anything is, the store can only be read. */
  readonly loss: Loss | undefined;
  /** Is told of harmless problems. */
  readonly warn: (text: string) => void;
}

/**
 * The directory of a log while it is served.
 *
 * 1. All that changes with an upload is one file, the journal `entries.jsonl`: a header, then entries with their promises, and
 *    behind each batch a seal: the checkpoint of the tree that ends there, and a signature over all that the log ever held.
 * 2. A batch counts when its seal is durable (`append`); only then clients are told, and the file `acknowledged` notes the size.
 *    What follows the last seal was never told. If the journal ends before what was told, the log can only be read.
 * 3. The journal begins at entry `first`, a multiple of 256. All before is in files that never change: bundles of entries and
 *    hashes in the layout of C2SP tlog-tiles (`tile/`), times, promises and search keys beside them (`promises/`).
 * 4. They are written from what memory holds, are durable, and count only when `moveStart` has replaced the journal, in one step,
 *    by one that begins behind them. Its header has what is left of the tiles above level 0: enough to go on with the tree.
 * 5. What is read from tiles is compared with the tree, whose right edge is in memory and leads to the signed checkpoint.
 * 6. `index/` finds entries by leaf and by search key. It is made again from 3 when it is missing or damaged.
 * 7. `checkpoint` and incomplete tiles on disk are for those who read the directory: a copy of a moment (`static-copy.ts`).
 * 8. Whoever makes a log from other sources writes tiles as `full-tiles.ts` has them, then the journal (`journal.ts`).
 */
export class Store {
  readonly signer: SigningKey;
  readonly publicKeyPath: string;
  readonly #parts: StoreParts;
  readonly #stored: StoredEntries;
  #header: JournalHeader;
  #chain: Chain;
  #sealStart: number;
  #warned = '';

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.signer = parts.signer;
    this.publicKeyPath = parts.publicKeyPath;
    this.#stored = new StoredEntries(parts.files);
    this.#header = parts.header;
    this.#chain = parts.chain;
    this.#sealStart = parts.sealStart;
  }

  get files(): TileFiles {
    return this.#parts.files;
  }

  /** What is true of the entries before those of the journal. */
  get header(): JournalHeader {
    return this.#header;
  }

  /** Whether entries are missing, so that it can only be read. */
  get isReadOnly(): boolean {
    return this.#parts.loss !== undefined;
  }

  /** The bytes of the journal. */
  get journalBytes(): number {
    return this.#parts.journal.end;
  }

  /**
   * Refuses to write if acknowledged entries are missing: signing others in their place would fork the tree.
   * @throws Unwritable if entries are missing
   */
  requireNoLoss(): void {
    const { loss } = this.#parts;
    if (loss !== undefined) throw new Unwritable(lossForClients(loss));
  }

  /**
   * Checks that the journal is as this process left it, so that its last checkpoint is ours. Call it before signing anything
   * for it.
   * @throws Unwritable as `requireNoLoss`, ForeignWriteError when somebody else wrote to it, and the error of the file
   * system
   */
  async requireUntouched(): Promise<void> {
    this.requireNoLoss();
    await this.#parts.journal.requireUntouched();
  }

  /**
   * Makes a batch durable: it is on the disk when the promise is fulfilled. When the promise is rejected, the
   * store is unchanged.
   * @throws ForeignWriteError when somebody else wrote to the file, and the error of the file system
   */
  async append({ entries, checkpoint }: Batch): Promise<void> {
    const { journal, signer, places } = this.#parts;
    const writer = new RecordWriter(this.#chain, signer);
    const lengths = entries.map((entry) => writer.add({ entry }));
    writer.seal(checkpoint);
    const bytes = writer.take();
    let offset = journal.end;
    try {
      await journal.append(bytes);
    } catch (error) {
      if (!(error instanceof ForeignWriteError)) await journal.discard();
      throw error;
    }
    journal.accept(bytes);
    for (const length of lengths) {
      places.add(offset, length - 1);
      offset += length;
    }
    this.#sealStart = offset;
    this.#chain = writer.chain;
    await this.#note();
  }

  /**
   * Lets the journal begin later, in one step. No append may be under way.
   * @param edge the tree at its new start; the files of the entries before must be durable
   * @param newestTime the latest time of the entries before
   * @throws InputError when the journal is damaged, and as `requireUntouched`; then it begins where it did
   */
  async moveStart(edge: TreeEdge, newestTime: number): Promise<void> {
    const { journal, places } = this.#parts;
    const count = edge.first - this.#header.first;
    // The seal of the last batch stays in any case.
    const [from] = places.at(count) ?? [this.#sealStart];
    const before = chainBefore(journal, from);
    if (chainOfLines(journal.readNow(from, journal.end - from), before) !== this.#chain)
      throw damaged(journal.path, `from byte ${from} on`, 'it is not what was written');
    const header = { ...this.#header, ...edge, newestTime, before };
    const { line } = formatRecord({ version: FORMAT_VERSION, header }, NO_CHAIN);
    await journal.replaceStart(line, from);
    this.#header = header;
    this.#sealStart -= from - line.length;
    places.shift(count, from - line.length);
    await syncDirectory(this.files.home);
  }

  /**
   * The entries of the journal in their order, from a copy that is read now.
   * @throws InputError when the journal is not what was written
   */
  checkedEntries(): Iterable<StoredEntry> {
    const { journal } = this.#parts;
    const bytes = journal.readNow(0, journal.end);
    const start = bytes.indexOf(0x0a) + 1;
    const lines = bytes.subarray(start);
    if (chainOfLines(lines, this.#header.before) === this.#chain) return entriesInLines(lines);
    throw damaged(journal.path, `from byte ${start} on`, 'it is not what was written');
  }

  /** About as many bytes as the entry at this index of the tree has. @throws InputError when it is damaged */
  bytesOf(index: number): number {
    const { first } = this.#header;
    return index < first ? this.#stored.lengthOf(index) : (this.#parts.places.at(index - first)?.[1] ?? 0);
  }

  /** The entry at this index of the tree. @throws InputError when it is damaged */
  read(index: number): StoredEntry {
    if (index < this.#header.first) return this.#stored.read(index);
    const place = this.#parts.places.at(index - this.#header.first);
    if (place === undefined) throw new RangeError(`the store has no entry ${index}`);
    try {
      const record = readRecord(this.#parts.journal.readNow(...place));
      if ('entry' in record) return record.entry;
      throw new MalformedError('expected an entry, found another record');
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw this.damaged(index, error.message);
    }
  }

  /** All promises of a full tile. @throws InputError when they are not what the log signed */
  promisesOf(tile: TileName): StoredPromise[] {
    return this.#stored.allOf(tile, this.signer);
  }

  /** The error that an entry is not what was written. */
  damaged(index: number, why: string): Error {
    const { first } = this.#header;
    if (index < first)
      return this.#stored.damaged(index, pathsOfBundle(Math.floor(index / 256)).entries, why);
    const place = `entry ${index} (from byte ${this.#parts.places.at(index - first)?.[0] ?? 0})`;
    return damaged(this.#parts.journal.path, place, why);
  }

  /** Closes the files and releases the directory. No append may be under way. */
  async close(): Promise<void> {
    await this.#parts.journal.close();
    await this.#parts.acknowledged.close();
    await this.#parts.lock.release();
  }

  /** The batch is durable already. If this note fails, only a later loss of the batch would go unnoticed. */
  async #note(): Promise<void> {
    const { acknowledged, places, warn } = this.#parts;
    const count = this.#header.first + places.count;
    await acknowledged.write({ unit: 'size', count, chain: this.#chain }).catch((error: unknown) => {
      const text = `cannot note what was acknowledged: ${messageOf(error)}`;
      if (text !== this.#warned) warn(text);
      this.#warned = text;
    });
  }
}
