import { MalformedError } from '../errors.ts';
import { HASH_BYTES, nodeHash } from './merkle.ts';
import { requireLeaf, TILE_LIMITS, TILE_WIDTH, tilePath, type Tile } from './tiles.ts';

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
  return await hashesOf(siblings(index, size), size, read);
}

/**
 * The consistency proof between two sizes of a tree (RFC 9162 2.1.4.1), from the tiles of its hashes as they are at a third
 * size, which is not below these. Whether the tiles are those of the tree is what a verifier of the proof finds out.
 * @param read as for `proveInclusion`
 * @throws MalformedError if there are no such sizes, or a tile has too few bytes
 */
export async function proveConsistency(
  older: number,
  newer: number,
  size: number,
  read: (tile: Tile) => Promise<Uint8Array>,
): Promise<Uint8Array[]> {
  const isOrdered =
    [older, newer, size].every(Number.isSafeInteger) && 0 < older && older < newer && newer <= size;
  if (!isOrdered) throw new MalformedError(`no tree of size ${size} has grown from ${older} to ${newer}`);
  return await hashesOf(sharedParts(older, newer), size, read);
}

/**
 * The root of the first `size` leaves, from the tiles of a tree of `within` leaves, or more. Whether these are of that tree is
 * what {@link proveConsistency} shows.
 * @param read as that of {@link proveInclusion}
 * @throws MalformedError if a tile has too few bytes
 */
export async function rootInTiles(
  size: number,
  within: number,
  read: (tile: Tile) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  requireLeaf(size - 1, within);
  return await hashOf([0, size], within, read);
}

/** Each tile is read once. */
async function hashesOf(
  ranges: readonly Range[],
  size: number,
  read: (tile: Tile) => Promise<Uint8Array>,
): Promise<Uint8Array[]> {
  const tiles = new Map<string, Promise<Uint8Array>>();
  const readOnce = async (tile: Tile) => {
    const path = tilePath(tile);
    const reading = tiles.get(path) ?? read(tile);
    tiles.set(path, reading);
    return await reading;
  };
  const hashes: Uint8Array[] = [];
  for (const range of ranges) hashes.push(await hashOf(range, size, readOnce));
  return hashes;
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

/** The parts of a tree of the newer size by which both roots can be computed, the lowest first (RFC 9162 2.1.4.1, SUBPROOF). */
function sharedParts(older: number, newer: number): Range[] {
  const found: Range[] = [];
  let [from, to] = [0, newer];
  let isWhole = true;
  while (to !== older) {
    const middle = from + largestPowerBelow(to - from);
    if (older <= middle) {
      found.push([middle, to]);
      to = middle;
    } else {
      found.push([from, middle]);
      from = middle;
      isWhole = false;
    }
  }
  return isWhole ? found.reverse() : [[from, to], ...found.reverse()];
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
