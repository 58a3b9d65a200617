import { MalformedError } from '../../errors.ts';
import { TILE_WIDTH } from '../../tlog/tiles.ts';
import { damagedFile } from '../damage.ts';
import { ENTRY_LIMIT, entryBundle, pathsOfBundle } from './entry-bundle.ts';
import type { SigningKey } from '../key-file.ts';
import {
  formatPromises,
  readPromise,
  readPromises,
  type StoredPromise,
  type TileName,
} from './promise-bundle.ts';
import { Recent } from '../recent.ts';
import type { StoredEntry } from '../journal/record.ts';
import type { TileFiles } from './tile-files.ts';

/** The entries of full tiles, on disk. What is read here is believed only after it was compared with what the log signed. */
export class StoredEntries {
  /** An answer asks for the length of an entry, and soon for the entry. */
  private readonly promises = new Recent<StoredPromise, number>(PROMISES_KEPT);

  constructor(private readonly files: TileFiles) {}

  /** @throws InputError when it is missing or damaged */
  read(index: number): StoredEntry {
    const { integratedTime, indexKeys, signedEntryTimestamp, place } = this.promiseOf(index);
    const [offset, length] = place;
    const { entries, large } = pathsOfBundle(Math.floor(index / TILE_WIDTH));
    const standard = length > ENTRY_LIMIT ? undefined : this.files.read(entries, offset, length);
    const body = standard ?? this.files.read(large, offset, Math.min(length, LARGEST));
    if (body?.length !== length) throw this.damaged(index, entries, 'it is missing');
    return { body, integratedTime, indexKeys, signedEntryTimestamp };
  }

  /** The length of the entry in bytes. @throws InputError when it is damaged */
  lengthOf(index: number): number {
    return this.promiseOf(index).place[1];
  }

  /** All promises of a tile, after the log's signature over them was checked. @throws InputError when they are damaged */
  allOf(tile: TileName, { key }: Pick<SigningKey, 'key'>): StoredPromise[] {
    const { promises: path } = pathsOfBundle(tile.index);
    return this.parse(path, () => readPromises(this.bytesOf(path), tile, key));
  }

  /** The error that an entry is not what was written. */
  damaged(index: number, path: string, why: string): Error {
    return damagedFile(this.files.home, path, `entry ${index}: ${why}`);
  }

  private promiseOf(index: number): StoredPromise {
    return this.promises.get(index, () => {
      const { promises: path } = pathsOfBundle(Math.floor(index / TILE_WIDTH));
      return this.parse(path, () =>
        readPromise(index % TILE_WIDTH, (offset, length) => this.bytesOf(path, offset, length)),
      );
    });
  }

  private bytesOf(path: string, offset?: number, length?: number): Buffer {
    const bytes = this.files.read(path, offset, length);
    if (bytes === undefined) throw damagedFile(this.files.home, path, 'it is missing');
    return bytes;
  }

  private parse<T>(path: string, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw damagedFile(this.files.home, path, error.message);
    }
  }
}

/** Each has less than 100 KiB, and nearly all have some hundred bytes. */
const PROMISES_KEPT = 64;

/** More than any entry that was ever accepted. */
const LARGEST = 8 << 20;

/** The files of a full tile of entries, by path. */
export function filesOfEntries(
  entries: readonly StoredEntry[],
  tile: TileName,
  signer: SigningKey,
): Map<string, Uint8Array> {
  const { bytes, offsets, isStandard } = entryBundle(entries.map(({ body }) => body));
  const paths = pathsOfBundle(tile.index);
  return new Map<string, Uint8Array>([
    [isStandard ? paths.entries : paths.large, bytes],
    [paths.promises, formatPromises(entries, offsets, tile, signer)],
  ]);
}
