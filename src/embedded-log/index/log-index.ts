import { setImmediate } from 'node:timers/promises';
import { isFileSystemError } from '../../files/error-code.ts';
import { InputError, MalformedError, messageOf } from '../../errors.ts';
import { findSome } from './find-some.ts';
import { indexRecord, leafKey, searchKey, type IndexKey } from './index-record.ts';
import { SearchIndex } from './search-index.ts';
import { StoredIndex, type IndexedTree } from './stored-index.ts';
import type { TileFiles } from '../tiles/tile-files.ts';

/** How an entry is found. */
export interface Findable {
  readonly indexKeys: readonly string[];
  /** The hash of its leaf, in hexadecimal. */
  readonly leaf: string;
}

/** Entries of a segment when it is new. */
export const SEGMENT_ENTRIES = 4096;
/** Steps of a search between which others have their turn. */
const STEPS = 1000;

/** Which entries a search key or a leaf finds: the newest in memory, the others on disk. */
export class LogIndex {
  private newest = new SearchIndex();
  /** Up to before this entry all are here. */
  private end: number;

  private constructor(private readonly stored: StoredIndex) {
    this.end = stored.end;
  }

  /**
   * The index of the entries in full tiles: those before `first`. One that is missing or damaged is made again.
   * @param of how an entry before `first` is found
   * @throws InputError when an entry is damaged, and the error of the file system
   */
  static async open(
    files: TileFiles,
    tree: IndexedTree,
    of: (index: number) => Findable,
    warn: (text: string) => void,
  ): Promise<LogIndex> {
    const { origin, first, signer } = tree;
    let stored: StoredIndex;
    try {
      stored = StoredIndex.open(files, tree);
    } catch (error) {
      if (!(error instanceof MalformedError || isFileSystemError(error) || error instanceof InputError))
        throw error;
      if (first > 0) warn(`the search index is made again: ${messageOf(error)}`);
      stored = await StoredIndex.make(files, origin, signer);
    }
    await stored.tidy();
    const index = new LogIndex(stored);
    // Usually that is left to when the next entries come: merging segments takes time.
    const isMadeAgain = first - index.end >= 4 * SEGMENT_ENTRIES;
    for (let at = index.end; at < first; at++) {
      index.add(at, of(at));
      if (at % STEPS === 0) await setImmediate();
      if (isMadeAgain && (at + 1) % SEGMENT_ENTRIES === 0) await index.store(at + 1);
    }
    return index;
  }

  /** Adds the next entry. */
  add(index: number, { indexKeys, leaf }: Findable): void {
    this.newest.add(indexKeys, index);
    this.newest.put(leafKey(leaf), index);
    this.end = index + 1;
  }

  /**
   * Moves the newest entries to disk when they are many. One call must end before the next.
   * @param first those before this one are in full tiles, and may be moved
   * @param many how many go together, a multiple of 256
   * @throws the error of the file system; then nothing was moved
   */
  async store(first: number, many = SEGMENT_ENTRIES): Promise<void> {
    const { stored, newest } = this;
    const from = stored.end;
    const to = Math.floor(first / many) * many;
    if (to <= from) return;
    const records = [...newest.between(from, to)].map(([key, index]) =>
      indexRecord(key, index).toString('latin1'),
    );
    await stored.add(to, Buffer.from(records.sort().join(''), 'latin1'));
    const rest = new SearchIndex();
    for (const [key, index] of this.newest.between(to, Infinity)) rest.put(key, index);
    this.newest = rest;
  }

  /** The log indexes of the entries whose leaf hash (hexadecimal) begins as this one; there is hardly more than one. */
  *withLeaf(leaf: string): Generator<number> {
    const key = leafKey(leaf);
    for (let from = 0; ; from++) {
      const found = this.next(key, from);
      if (found === undefined) return;
      yield (from = found);
    }
  }

  /**
   * The first `limit` log indexes, in order and without duplicates, that any (`or`) or all (`and`) of the search keys find.
   * @throws InputError when the index is damaged
   */
  async search(keys: readonly string[], operator: 'and' | 'or', limit: number): Promise<number[]> {
    const wanted = [...new Set(keys.map(searchKey))];
    const all: number[] = [];
    for (let from: number | undefined = 0; from !== undefined && all.length < limit;) {
      const limits = { from, limit: limit - all.length, steps: STEPS };
      const slice = findSome(wanted, operator, (key, start) => this.next(key, start), limits);
      all.push(...slice.found);
      ({ from } = slice);
      if (from !== undefined) await setImmediate();
    }
    return all;
  }

  /** An upper bound for the entries that any of the search keys finds. @throws InputError when the index is damaged */
  count(keys: readonly string[]): number {
    const { stored, newest } = this;
    return keys.map(searchKey).reduce((sum, key) => sum + stored.countOf(key) + newest.countOf(key), 0);
  }

  close(): void {
    this.stored.close();
  }

  private next(key: IndexKey, from: number): number | undefined {
    // Moving entries leaves them in both for a moment.
    return (from < this.stored.end ? this.stored.next(key, from) : undefined) ?? this.newest.next(key, from);
  }
}
