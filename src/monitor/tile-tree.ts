import { MalformedError } from '../errors.ts';
import { equalBytes } from '../encoding.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import type { ConsistencyProof } from '../tlog/consistency-proof.ts';
import { needsProof } from '../tlog/consistency-proof.ts';
import { leafHash, rootFromInclusionProof, verifyConsistency } from '../tlog/merkle.ts';
import { proveConsistency, proveInclusion, rootInTiles } from '../tlog/tile-proofs.ts';
import { entriesIn, entriesTile, TILE_WIDTH, tilePath, type Tile } from '../tlog/tiles.ts';
import { NoTileError } from '../services/tile-files.ts';

/** Gives the bytes of a tile. Throws NoTileError where there is none, LogError where the log does not answer. */
export type ReadTile = (tile: Tile) => Promise<Uint8Array>;

/** Entries side by side, proven to be those of a tree. */
export interface ProvenEntries {
  /** The index of the first. */
  readonly first: number;
  readonly bodies: readonly Uint8Array[];
  /** The proof of one of them, by its place among these. */
  readonly proofOf: (place: number) => Promise<readonly Uint8Array[]>;
}

/** A tree that is read as tiles, in which nothing is believed that does not lead to a signed root. */
export class TileTree {
  readonly #read: ReadTile;
  readonly #known = new Map<string, Promise<Uint8Array>>();

  constructor(read: ReadTile) {
    this.#read = read;
  }

  /**
   * The entries of the tile with this index, in the tree of a signed head. One proof is enough for all of them: that of the first
   * has the others in it, and their hashes are made of what was read.
   * @throws MalformedError if they are not those of the tree
   * @throws NoTileError, LogError as {@link ReadTile}
   */
  async entriesAround(index: number, head: TreeHead): Promise<ProvenEntries> {
    const tile = entriesTile(index, head.size);
    const first = tile.index * TILE_WIDTH;
    const bodies = entriesIn(await this.#read(tile), tile);
    const hashes = bodies.map(leafHash);
    const own = Buffer.concat(hashes);
    const read = (each: Tile) =>
      each.level === 0 && each.index === tile.index ? Promise.resolve(own) : this.#hashes(each);
    const proofOf = (place: number) => proveInclusion(first + place, head.size, read);
    const [leaf = new Uint8Array()] = hashes;
    const root = rootFromInclusionProof(first, head.size, leaf, await proofOf(0));
    if (!equalBytes(root, head.rootHash))
      throw new MalformedError(`the entries from ${first} on are not those of the tree that the log signed`);
    return { first, bodies, proofOf };
  }

  /**
   * The proof that one of two signed heads extends the other. It comes from tiles that lead to the root of the larger one: so
   * if it does not hold, the log signed two trees. Where the tiles do not lead there, nobody is accused.
   * @throws LogError as {@link ReadTile}
   */
  async consistency(a: TreeHead, b: TreeHead): Promise<ConsistencyProof> {
    if (!needsProof(a, b)) return { kind: 'not-needed' };
    const [older, newer] = a.size < b.size ? [a, b] : [b, a];
    const read = (tile: Tile) => this.#hashes(tile);
    try {
      const hashes = await proveConsistency(older.size, newer.size, newer.size, read);
      const shown = await rootInTiles(older.size, newer.size, read);
      if (verifyConsistency(older.size, newer.size, shown, newer.rootHash, hashes))
        return { kind: 'hashes', hashes };
      return notAsked(`its tiles are not those of the tree of ${newer.size} entries that it signed`);
    } catch (error) {
      if (error instanceof NoTileError)
        return notAsked(`it lacks tiles of the tree of ${newer.size} entries that it signed`);
      if (error instanceof MalformedError) return notAsked(error.message);
      throw error;
    }
  }

  /** A tile of hashes: those near the root are needed again and again. */
  async #hashes(tile: Tile): Promise<Uint8Array> {
    const path = tilePath(tile);
    const known = this.#known.get(path) ?? this.#read(tile);
    this.#known.delete(path);
    this.#known.set(path, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    try {
      return await known;
    } catch (error) {
      this.#known.delete(path);
      throw error;
    }
  }
}

/** Eight kibibytes each. A tree has ten levels at most, and proofs need two of each. */
const MOST_KNOWN = 64;

function notAsked(why: string): ConsistencyProof {
  return { kind: 'not-asked', why };
}
