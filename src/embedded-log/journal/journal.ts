import { MalformedError } from '../../errors.ts';
import type { Batch } from './batches.ts';
import { damaged } from '../damage.ts';
import { ForeignWriteError, type EntriesFile } from './entries-file.ts';
import type { JournalHeader } from './journal-header.ts';
import { chainBefore, chainOfLines, entriesInLines } from './journal-lines.ts';
import type { SigningKey } from '../key-file.ts';
import type { Places } from './places.ts';
import { RecordWriter } from './record-writer.ts';
import { FORMAT_VERSION, formatRecord, NO_CHAIN, readRecord } from './record.ts';
import type { Chain, StoredEntry } from './record.ts';
import type { TreeEdge } from '../tree.ts';

/** The journal in the directory of a log. */
export const JOURNAL = 'entries.jsonl';

/** A journal that was read to its end. */
export interface ReadJournal {
  readonly file: EntriesFile;
  readonly header: JournalHeader;
  /** Of the entries in it. */
  readonly places: Places;
  /** The chain at the end of the last batch. */
  readonly chain: Chain;
  /** Where its seal begins, in bytes. */
  readonly sealStart: number;
}

/** The newest entries of a log, in one file that begins with those that are not in full tiles. */
export class Journal {
  readonly #file: EntriesFile;
  readonly #places: Places;
  #header: JournalHeader;
  #chain: Chain;
  #sealStart: number;

  constructor({ file, header, places, chain, sealStart }: ReadJournal) {
    this.#file = file;
    this.#places = places;
    this.#header = header;
    this.#chain = chain;
    this.#sealStart = sealStart;
  }

  /** What is true of the entries before. */
  get header(): JournalHeader {
    return this.#header;
  }

  /** The number of entries of the log. */
  get size(): number {
    return this.#header.first + this.#places.count;
  }

  /** The chain of its last record. */
  get chain(): Chain {
    return this.#chain;
  }

  /** Its length in bytes. */
  get length(): number {
    return this.#file.end;
  }

  /** @throws ForeignWriteError unless it is as this process left it, and the error of the file system */
  async requireUntouched(): Promise<void> {
    await this.#file.requireUntouched();
  }

  /**
   * Makes a batch durable. When the promise is rejected, the journal is unchanged.
   * @throws ForeignWriteError when somebody else wrote to the file, and the error of the file system
   */
  async append({ entries, checkpoint }: Batch, signer: SigningKey): Promise<void> {
    const writer = new RecordWriter(this.#chain, signer);
    const lengths = entries.map((entry) => writer.add({ entry }));
    writer.seal(checkpoint);
    const bytes = writer.take();
    let offset = this.#file.end;
    try {
      await this.#file.append(bytes);
    } catch (error) {
      if (!(error instanceof ForeignWriteError)) await this.#file.discard();
      throw error;
    }
    this.#file.accept(bytes);
    for (const length of lengths) {
      this.#places.add(offset, length - 1);
      offset += length;
    }
    this.#sealStart = offset;
    this.#chain = writer.chain;
  }

  /**
   * Lets it begin later, in one step. No append may be under way. The caller makes the name durable.
   * @param edge the tree at its new start; the files of the entries before must be durable
   * @param newestTime the latest time of the entries before
   * @throws InputError when it is damaged, and as `requireUntouched`; then it begins where it did
   */
  async moveStart(edge: TreeEdge, newestTime: number): Promise<void> {
    const file = this.#file;
    const count = edge.first - this.#header.first;
    // The seal of the last batch stays in any case.
    const [from] = this.#places.at(count) ?? [this.#sealStart];
    const before = chainBefore(file, from);
    this.#requireWhole(file.readNow(from, file.end - from), before, from);
    const header = { ...this.#header, ...edge, newestTime, before };
    const { line } = formatRecord({ version: FORMAT_VERSION, header }, NO_CHAIN);
    await file.replaceStart(line, from);
    this.#header = header;
    this.#sealStart -= from - line.length;
    this.#places.shift(count, from - line.length);
  }

  /**
   * The entries in their order, from a copy that is read now.
   * @throws InputError when the journal is not what was written
   */
  checkedEntries(): Iterable<StoredEntry> {
    const bytes = this.#file.readNow(0, this.#file.end);
    const start = bytes.indexOf(0x0a) + 1;
    const lines = bytes.subarray(start);
    this.#requireWhole(lines, this.#header.before, start);
    return entriesInLines(lines);
  }

  /** The bytes that the record of the entry at this index of the tree has. */
  bytesOf(index: number): number {
    return this.#placeOf(index)[1];
  }

  /** The entry at this index of the tree. @throws InputError when its record is damaged */
  read(index: number): StoredEntry {
    try {
      const record = readRecord(this.#file.readNow(...this.#placeOf(index)));
      if ('entry' in record) return record.entry;
      throw new MalformedError('expected an entry, found another record');
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw this.damaged(index, error.message);
    }
  }

  /** The error that an entry is not what was written. */
  damaged(index: number, why: string): Error {
    return damaged(this.#file.path, `entry ${index} (from byte ${this.#placeOf(index)[0]})`, why);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #placeOf(index: number): readonly [offset: number, length: number] {
    const place = this.#places.at(index - this.#header.first);
    if (place === undefined) throw new RangeError(`the journal has no entry ${index}`);
    return place;
  }

  #requireWhole(lines: Buffer, before: Chain, start: number): void {
    if (chainOfLines(lines, before) !== this.#chain)
      throw damaged(this.#file.path, `from byte ${start} on`, 'it is not what was written');
  }
}
