// The Merkle tree of RFC 6962 2.1, written down as the recursive definitions of the RFC. Nothing here imports `src/`,
// so that the program and its tests cannot share an error.
import { createHash } from 'node:crypto';

/**
 * MTH of one leaf: SHA-256(0x00 || d).
 * @param {Uint8Array} body
 * @returns {Uint8Array}
 */
export function leafHash(body) {
  return createHash('sha256').update(Uint8Array.of(0)).update(body).digest();
}

/**
 * The hash above two others: SHA-256(0x01 || left || right).
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 * @returns {Uint8Array}
 */
export function nodeHash(left, right) {
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();
}

/** A tree that grows. The hash over a range of leaves never changes, and is computed once. */
export class ReferenceTree {
  /** @type {Uint8Array[]} */
  #leaves = [];
  /** @type {Map<string, Uint8Array>} */
  #known = new Map();

  /** @param {Iterable<Uint8Array>} [leaves] hashes of leaves */
  constructor(leaves = []) {
    for (const leaf of leaves) this.append(leaf);
  }

  /** The number of leaves. */
  get size() {
    return this.#leaves.length;
  }

  /**
   * Adds the hash of a leaf.
   * @param {Uint8Array} leaf
   */
  append(leaf) {
    this.#leaves.push(leaf);
  }

  /**
   * The hash of the leaf at this index.
   * @param {number} index
   * @returns {Uint8Array}
   */
  leaf(index) {
    const leaf = this.#leaves[index];
    if (leaf === undefined) throw new Error(`no leaf ${index}`);
    return leaf;
  }

  /**
   * MTH(D[size]).
   * @param {number} [size]
   * @returns {Uint8Array}
   */
  root(size = this.size) {
    return size === 0 ? createHash('sha256').digest() : this.#hash(0, size);
  }

  /**
   * PATH(index, D[size]), for `index < size`.
   * @param {number} index
   * @param {number} [size]
   */
  inclusionProof(index, size = this.size) {
    return this.#path(index, 0, size);
  }

  /**
   * PROOF(size1, D[size2]), for `0 < size1 <= size2`.
   * @param {number} size1
   * @param {number} [size2]
   */
  consistencyProof(size1, size2 = this.size) {
    return this.#subproof(size1, 0, size2, true);
  }

  /**
   * MTH(D[start:end]).
   * @param {number} start
   * @param {number} end
   * @returns {Uint8Array}
   */
  #hash(start, end) {
    if (end - start === 1) return this.leaf(start);
    const range = `${start}:${end}`;
    const middle = start + split(end - start);
    const hash = this.#known.get(range) ?? nodeHash(this.#hash(start, middle), this.#hash(middle, end));
    this.#known.set(range, hash);
    return hash;
  }

  /**
   * PATH(index, D[start:end]).
   * @param {number} index
   * @param {number} start
   * @param {number} end
   * @returns {Uint8Array[]}
   */
  #path(index, start, end) {
    if (end - start === 1) return [];
    const k = split(end - start);
    const middle = start + k;
    return index < k
      ? [...this.#path(index, start, middle), this.#hash(middle, end)]
      : [...this.#path(index - k, middle, end), this.#hash(start, middle)];
  }

  /**
   * SUBPROOF(size, D[start:end], isWhole).
   * @param {number} size
   * @param {number} start
   * @param {number} end
   * @param {boolean} isWhole
   * @returns {Uint8Array[]}
   */
  #subproof(size, start, end, isWhole) {
    if (size === end - start) return isWhole ? [] : [this.#hash(start, end)];
    const k = split(end - start);
    const middle = start + k;
    return size <= k
      ? [...this.#subproof(size, start, middle, isWhole), this.#hash(middle, end)]
      : [...this.#subproof(size - k, middle, end, false), this.#hash(start, middle)];
  }
}

/**
 * The largest power of two below n.
 * @param {number} n
 */
export function split(n) {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}
