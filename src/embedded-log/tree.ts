import { sha256 } from '../digest.ts';
import { HASH_BYTES, nodeHash } from '../tlog/merkle.ts';
import { TILE_WIDTH } from '../tlog/tiles.ts';
import { HashList } from './hash-list.ts';

/** The heights of the tree that one level of tiles spans: 2^8 = 256. */
const TILE_HEIGHT = 8;

/** The hash over the `index`-th complete subtree of 2^`height` leaves, of which the tiles on disk have all. */
export type StoredNode = (height: number, index: number) => Uint8Array;

/** What a tree had left of its tiles: where they end, and the hashes of the incomplete tiles above level 0. */
export interface TreeEdge {
  /** A multiple of 256: the leaves before it are in full tiles. */
  readonly first: number;
  /** For each level from 1 on the hashes of its incomplete tile, one behind the other. */
  readonly hashes: readonly Uint8Array[];
}

/**
 * An append-only Merkle tree (RFC 6962 2.1) that has the hash of every complete subtree, so that a root or a
 * proof of any size it ever had costs a few dozen hashes. Its right edge is in memory, at 64 bytes a leaf; what is in
 * full tiles is read from there.
 */
export class MerkleTree {
  /** `levels[n]` holds the hashes of the complete subtrees of 2^n leaves, from left to right. */
  private readonly levels: HashList[] = [];

  /**
   * @param edge with what to begin; by default without leaves
   * @param stored reads what is left of the edge; it may throw
   */
  constructor(
    edge: TreeEdge = { first: 0, hashes: [] },
    private readonly stored: StoredNode = noStoredNode,
  ) {
    for (let level = 0; level === 0 || edge.first >= TILE_WIDTH ** level; level++)
      for (let height = level * TILE_HEIGHT; height < (level + 1) * TILE_HEIGHT; height++)
        this.levels[height] = new HashList(startOf(edge.first, height));
    edge.hashes.forEach((hashes, at) => {
      for (let byte = 0; byte < hashes.length; byte += HASH_BYTES)
        this.push(hashes.subarray(byte, byte + HASH_BYTES), (at + 1) * TILE_HEIGHT);
    });
  }

  /** The number of leaves. */
  get size(): number {
    return this.level(0).length;
  }

  /** Adds a leaf hash (32 bytes) on the right. */
  append(leaf: Uint8Array): void {
    this.push(leaf, 0);
  }

  /** What is left of the full tiles of the first `first` leaves (a multiple of 256, at most the size). */
  edgeAt(first: number): TreeEdge {
    const hashes: Uint8Array[] = [];
    for (let level = 1; first >= TILE_WIDTH ** level; level++) {
      const end = Math.floor(first / TILE_WIDTH ** level);
      hashes.push(this.tile(level, Math.floor(end / TILE_WIDTH), end % TILE_WIDTH));
    }
    return { first, hashes };
  }

  /** The first `width` hashes of a tile (C2SP tlog-tiles, "Merkle Tree"), all of which the tree has. */
  tile(level: number, index: number, width: number): Uint8Array {
    const hashes: Uint8Array[] = [];
    for (let at = 0; at < width; at++) hashes.push(this.node(level * TILE_HEIGHT, index * TILE_WIDTH + at));
    return Buffer.concat(hashes);
  }

  /** Forgets what the full tiles of the first `first` leaves have, which must be on disk now. */
  prune(first: number): void {
    this.levels.forEach((level, height) => {
      level.forget(startOf(first, height));
    });
  }

  /** The hash over the `index`-th complete subtree of 2^`height` leaves. */
  node(height: number, index: number): Uint8Array {
    const level = this.level(height);
    return index < level.start ? this.stored(height, index) : level.at(index);
  }

  private push(first: Uint8Array, from: number): void {
    let hash = first;
    for (let height = from; ; height++) {
      const level = this.level(height);
      level.push(hash);
      if (level.length % 2 === 1) return;
      hash = nodeHash(level.at(level.length - 2), hash);
    }
  }

  /** Forgets the leaves from this index on; the tree is as it was when it had so many. */
  truncate(size: number): void {
    this.levels.forEach((level, height) => {
      level.length = Math.min(level.length, Math.floor(size / 2 ** height));
    });
  }

  /** The hash of the leaf at this index. */
  leaf(index: number): Uint8Array {
    return this.node(0, index);
  }

  /** The root of the first `size` leaves (MTH, RFC 6962 2.1). */
  root(size: number): Uint8Array {
    return size === 0 ? sha256() : this.subtree(0, size);
  }

  /** The inclusion proof of a leaf in the tree of the first `size` leaves (PATH, RFC 6962 2.1.1); `index < size`. */
  inclusionProof(index: number, size: number): Uint8Array[] {
    const proof: Uint8Array[] = [];
    let [start, end] = [0, size];
    while (end - start > 1) {
      const middle = start + leftSize(end - start);
      if (index < middle) {
        proof.push(this.subtree(middle, end));
        end = middle;
      } else {
        proof.push(this.subtree(start, middle));
        start = middle;
      }
    }
    return proof.reverse();
  }

  /**
   * The consistency proof between the trees of the first `size1` and `size2` leaves (PROOF, RFC 6962 2.1.2);
   * `0 < size1 <= size2`.
   */
  consistencyProof(size1: number, size2: number): Uint8Array[] {
    const proof: Uint8Array[] = [];
    let [start, end] = [0, size2];
    while (size1 !== end) {
      const middle = start + leftSize(end - start);
      if (size1 <= middle) {
        proof.push(this.subtree(middle, end));
        end = middle;
      } else {
        proof.push(this.subtree(start, middle));
        start = middle;
      }
    }
    // The client knows the root of the whole smaller tree, so the proof leaves that out.
    if (start > 0) proof.push(this.subtree(start, end));
    return proof.reverse();
  }

  /** The hash over the leaves from `start` to before `end`, where `start` is a multiple of the range's left half. */
  private subtree(start: number, end: number): Uint8Array {
    const count = end - start;
    const height = Math.log2(count);
    if (Number.isInteger(height)) return this.node(height, start / count);
    const middle = start + leftSize(count);
    return nodeHash(this.subtree(start, middle), this.subtree(middle, end));
  }

  private level(height: number): HashList {
    return (this.levels[height] ??= new HashList());
  }
}

/** The first subtree of 2^`height` leaves in the incomplete tile, where the full tiles have so many leaves. */
function startOf(first: number, height: number): number {
  const level = Math.floor(height / TILE_HEIGHT);
  return (Math.floor(first / TILE_WIDTH ** (level + 1)) * TILE_WIDTH) / 2 ** (height % TILE_HEIGHT);
}

function noStoredNode(height: number, index: number): never {
  throw new RangeError(`a tree without tiles has no node ${index} of height ${height}`);
}

/** The largest power of two below `count`, for a count of two or more. */
function leftSize(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}
