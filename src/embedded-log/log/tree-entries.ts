import { TILE_WIDTH } from '../../tlog/tiles.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import { pathsOfBundle } from '../tiles/entry-bundle.ts';
import type { JournalHeader } from '../journal/journal-header.ts';
import type { Journal } from '../journal/journal.ts';
import type { StoredPromise, TileName } from '../tiles/promise-bundle.ts';
import type { StoredEntry } from '../journal/record.ts';
import { StoredEntries } from '../tiles/stored-entries.ts';
import type { TileFiles } from '../tiles/tile-files.ts';

/** The entries of one tree in its directory, to be read: the first are in tiles, the others in the journal. */
export class TreeEntries {
  readonly files: TileFiles;
  readonly #journal: Journal;
  readonly #key: LogKey;
  readonly #stored: StoredEntries;

  /** @param key that of the tree */
  constructor({ files, journal, key }: { files: TileFiles; journal: Journal; key: LogKey }) {
    this.files = files;
    this.#journal = journal;
    this.#key = key;
    this.#stored = new StoredEntries(files);
  }

  /** What is true of the entries before those of the journal. */
  get header(): JournalHeader {
    return this.#journal.header;
  }

  /** About as many bytes as the entry at this index of the tree has. @throws InputError when it is damaged */
  bytesOf(index: number): number {
    return this.#isInTiles(index) ? this.#stored.lengthOf(index) : this.#journal.bytesOf(index);
  }

  /** The entry at this index of the tree. @throws InputError when it is damaged */
  read(index: number): StoredEntry {
    return this.#isInTiles(index) ? this.#stored.read(index) : this.#journal.read(index);
  }

  /** All promises of a full tile. @throws InputError when they are not what the log signed */
  promisesOf(tile: TileName): StoredPromise[] {
    return this.#stored.allOf(tile, { key: this.#key });
  }

  /** The error that an entry is not what was written. */
  damaged(index: number, why: string): Error {
    if (!this.#isInTiles(index)) return this.#journal.damaged(index, why);
    return this.#stored.damaged(index, pathsOfBundle(Math.floor(index / TILE_WIDTH)).entries, why);
  }

  #isInTiles(index: number): boolean {
    return index < this.#journal.header.first;
  }
}
