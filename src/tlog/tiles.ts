import { MalformedError } from '../errors.ts';
import { HASH_BYTES, nodeHash } from './merkle.ts';

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
export function entryIn(bytes: Uint8Array, { width }: Tile, index: number): Uint8Array {
  let found: Uint8Array | undefined;
  let at = 0;
  let count = 0;
  for (; at < bytes.length; count++) {
    const [high, low] = [bytes[at], bytes[at + 1]];
    if (high === undefined || low === undefined) throw new MalformedError('a tile that ends in a length');
    const end = at + 2 + high * 256 + low;
    if (end > bytes.length) throw new MalformedError('a tile that ends in an entry');
    if (count === index % TILE_WIDTH) found = bytes.subarray(at + 2, end);
    at = end;
  }
  if (found === undefined || count < width || count > TILE_WIDTH)
    throw new MalformedError(`expected a tile of ${width} entries, found ${count}`);
  return found;
}

/**
 * The inclusion proof of a leaf in a tree of this size (RFC 9162 2.1.3.1), from the tiles of its hashes. Whether the tiles
 * are those of the tree is what a verifier of the proof finds out.
 * @param read gives the bytes of a tile of hashes, which may hold more than it did at that size
 * @throws MalformedError if the tree has no such leaf, or a tile has too few bytes
 */
export async function proveInclusion(
  index: number,
  size: number,
  read: (tile: Tile) => Promise<Uint8Array>,
): Promise<Uint8Array[]> {
  requireLeaf(index, size);
  const tiles = new Map<string, Promise<Uint8Array>>();
  const readOnce = async (tile: Tile) => {
    const path = tilePath(tile);
    const reading = tiles.get(path) ?? read(tile);
    tiles.set(path, reading);
    return await reading;
  };
  const proof: Uint8Array[] = [];
  for (const range of siblings(index, size)) proof.push(await hashOf(range, size, readOnce));
  return proof;
}

/** Leaves from one index up to another, which is not among them. */
type Range = readonly [from: number, to: number];

/** The parts of the tree beside the way from a leaf to the root, the nearest first. */
function siblings(index: number, size: number): Range[] {
  const found: Range[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      found.push([middle, to]);
      to = middle;
    } else {
      found.push([from, middle]);
      from = middle;
    }
  }
  return found.reverse();
}

/** The root of a part of the tree: a node of it, or what its last, incomplete nodes come to. */
async function hashOf(
  [from, to]: Range,
  size: number,
  read: (tile: Tile) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const length = to - from;
  const height = heightOf(length);
  if (height !== undefined) return await nodeAt(height, from / length, size, read);
  const middle = from + largestPowerBelow(length);
  return nodeHash(await hashOf([from, middle], size, read), await hashOf([middle, to], size, read));
}

/** The node over 2^`height` leaves, the `index`-th of them. A tile has those of every eighth height. */
async function nodeAt(
  height: number,
  index: number,
  size: number,
  read: (tile: Tile) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const level = Math.floor(height / 8);
  const count = 2 ** (height % 8);
  const first = index * count;
  const tile = Math.floor(first / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - tile * TILE_WIDTH);
  const bytes = await read({ level, index: tile, width });
  if (bytes.length < width * HASH_BYTES || bytes.length > TILE_LIMITS.hashes || bytes.length % HASH_BYTES > 0)
    throw new MalformedError(`expected a tile of ${width} hashes, found ${bytes.length} bytes`);
  const hashes: Uint8Array[] = [];
  for (let at = first % TILE_WIDTH; hashes.length < count; at++)
    hashes.push(bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  return rootOfPowerOfTwo(hashes);
}

function rootOfPowerOfTwo(hashes: readonly Uint8Array[]): Uint8Array {
  const [first, second] = hashes;
  if (first === undefined) throw new Error('no hashes');
  if (second === undefined) return first;
  const half = hashes.length / 2;
  return nodeHash(rootOfPowerOfTwo(hashes.slice(0, half)), rootOfPowerOfTwo(hashes.slice(half)));
}

/** Which power of two a number is, if it is one. */
function heightOf(length: number): number | undefined {
  let [power, height] = [1, 0];
  for (; power < length; power *= 2) height++;
  return power === length ? height : undefined;
}

/** The largest power of two below a number from 2 on. */
function largestPowerBelow(length: number): number {
  let power = 1;
  while (power * 2 < length) power *= 2;
  return power;
}

function requireLeaf(index: number, size: number): void {
  const isLeaf = Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;
  if (!isLeaf) throw new MalformedError(`no leaf has index ${index} in a tree of size ${size}`);
}
