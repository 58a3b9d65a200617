import { sha256 } from '../digest.ts';
import { HASH_BYTES, nodeHash } from '../tlog/merkle.ts';

/**
 * An append-only Merkle tree (RFC 6962 2.1) that remembers the hash of every complete subtree, so that a root or
 * a proof of any size it ever had costs a few dozen hashes. It takes 64 bytes of memory a leaf.
 */
export class MerkleTree {
  /** `levels[n]` holds the hashes of the complete subtrees of 2^n leaves, from left to right. */
  private readonly levels: HashList[] = [new HashList()];

  /** The number of leaves. */
  get size(): number {
    return this.level(0).length;
  }

  /** Adds a leaf hash (32 bytes) on the right. */
  append(leaf: Uint8Array): void {
    let hash = leaf;
    for (let height = 0; ; height++) {
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
    return this.level(0).at(index);
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
    if (Number.isInteger(height)) return this.level(height).at(start / count);
    const middle = start + leftSize(count);
    return nodeHash(this.subtree(start, middle), this.subtree(middle, end));
  }

  private level(height: number): HashList {
    return (this.levels[height] ??= new HashList());
  }
}

/** Hashes side by side in one piece of memory that doubles when it is full. */
class HashList {
  private bytes = new Uint8Array(8 * HASH_BYTES);
  length = 0;

  push(hash: Uint8Array): void {
    const end = this.length * HASH_BYTES;
    if (end === this.bytes.length) {
      const larger = new Uint8Array(2 * end);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes.set(hash, end);
    this.length++;
  }

  at(index: number): Uint8Array {
    return this.bytes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }
}

/** The largest power of two below `count`, for a count of two or more. */
function leftSize(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}
