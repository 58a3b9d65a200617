import { MalformedError } from '../errors.ts';
import { HASH_BYTES } from './merkle.ts';

/** A tile of a log (C2SP tlog-tiles): hashes of a level of the tree, or entries; side by side, from a multiple of 256 on. */
export interface Tile {
  /** Of the hashes of leaves 0, of the roots of full tiles one more; `entries`: the leaves themselves. */
  readonly level: number | 'entries';
  readonly index: number;
  /** How many it holds in a tree of this size: 1 to 256. */
  readonly width: number;
}

/** What a full tile holds. */
export const TILE_WIDTH = 256;

/** The most bytes of a tile of hashes, and of one of entries, each of which is behind its length in two bytes. */
export const TILE_LIMITS = {
  hashes: TILE_WIDTH * HASH_BYTES,
  entries: TILE_WIDTH * (2 + 0xff_ff),
} as const;

/** Where a tile is, below the prefix of the log (C2SP tlog-tiles, "Merkle Tree" and "Log Entries"). */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const spelled = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${spelled}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
}

/** The tile with the entry of this index, in a tree of this size. @throws MalformedError if the tree has none */
export function entriesTile(index: number, size: number): Tile {
  requireLeaf(index, size);
  const tile = Math.floor(index / TILE_WIDTH);
  return { level: 'entries', index: tile, width: Math.min(TILE_WIDTH, size - tile * TILE_WIDTH) };
}

/**
 * The entry of this index in the bytes of its tile, which may hold more than it did at that size.
 * @throws MalformedError if they are something else
 */
export function entryIn(bytes: Uint8Array, tile: Tile, index: number): Uint8Array {
  const found = entriesIn(bytes, tile)[index % TILE_WIDTH];
  if (found === undefined) throw new MalformedError(`a tile without the entry of index ${index}`);
  return found;
}

/**
 * The entries in the bytes of a tile, as many as it has at that size, though there may be more by now (C2SP tlog-tiles, "Log
 * Entries").
 * @throws MalformedError if they are something else
 */
export function entriesIn(bytes: Uint8Array, { width }: Tile): Uint8Array[] {
  const found: Uint8Array[] = [];
  let count = 0;
  for (let at = 0; at < bytes.length; count++) {
    const [high, low] = [bytes[at], bytes[at + 1]];
    if (high === undefined || low === undefined) throw new MalformedError('a tile that ends in a length');
    const end = at + 2 + high * 256 + low;
    if (end > bytes.length) throw new MalformedError('a tile that ends in an entry');
    if (count < width) found.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (count < width || count > TILE_WIDTH)
    throw new MalformedError(`expected a tile of ${width} entries, found ${count}`);
  return found;
}

/** @throws MalformedError if a tree of this size has no leaf of this index */
export function requireLeaf(index: number, size: number): void {
  const isLeaf = Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;
  if (!isLeaf) throw new MalformedError(`no leaf has index ${index} in a tree of size ${size}`);
}
