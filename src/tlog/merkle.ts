import { hash as hashOnce } from 'node:crypto';
import { equalBytes } from '../encoding.ts';
import { sha256 } from '../digest.ts';
import { MalformedError } from '../errors.ts';

/** Octets of every hash in a tree. */
export const HASH_BYTES = 32;

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** Hash of a leaf with these bytes: SHA-256(0x00 || body) (RFC 6962 2.1). */
export function leafHash(body: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, body);
}

/** Hash of an inner node over the hashes of its children: SHA-256(0x01 || left || right) (RFC 6962 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (!isHash(left) || !isHash(right)) return sha256(NODE_PREFIX, left, right);
  innerNode.set(left, 1);
  innerNode.set(right, 1 + HASH_BYTES);
  return hashOnce('sha256', innerNode, 'buffer');
}

/** Reused: one call over the same memory is the cheapest. It begins with the prefix of a node. */
const innerNode = new Uint8Array(1 + 2 * HASH_BYTES).fill(1, 0, 1);

/** Writes the hash over the two hashes at one offset of a buffer to another offset: as `nodeHash`, in half the time. */
export function writeNodeHash(hashes: Buffer, pair: number, to: number): void {
  innerNode.set(hashes.subarray(pair, pair + 2 * HASH_BYTES), 1);
  hashes.write(hashOnce('sha256', innerNode, 'hex'), to, 'hex');
}

/**
 * The root of the tree of `treeSize` leaves to which an inclusion proof leads from the leaf hash at
 * `leafIndex`; the caller compares it with a root it trusts (RFC 9162 2.1.3.2).
 * @throws MalformedError when index, size and number of hashes do not fit together, or a hash is not 32 bytes.
 */
export function rootFromInclusionProof(
  leafIndex: number,
  treeSize: number,
  leaf: Uint8Array,
  hashes: readonly Uint8Array[],
): Uint8Array {
  if (!isSize(leafIndex) || !isSize(treeSize) || leafIndex >= treeSize)
    throw new MalformedError(`no leaf has index ${leafIndex} in a tree of size ${treeSize}`);
  requireHashes([leaf, ...hashes]);

  let index = leafIndex;
  let last = treeSize - 1;
  let root = leaf;
  for (const hash of hashes) {
    if (last === 0) throw wrongLength(hashes);
    if (isOdd(index) || index === last) {
      root = nodeHash(hash, root);
      // A last node without a right sibling moves up unchanged, to where it is a right child.
      while (!isOdd(index) && index > 0) [index, last] = [parent(index), parent(last)];
    } else {
      root = nodeHash(root, hash);
    }
    [index, last] = [parent(index), parent(last)];
  }
  if (last !== 0) throw wrongLength(hashes);
  return root;
}

/**
 * Whether the proof shows that the tree of `size1` leaves with `root1` is a prefix of the tree of `size2` leaves
 * with `root2` (RFC 9162 2.1.4.2). Equal sizes need equal roots and an empty proof; a tree without leaves
 * proves nothing, so a size of 0 is never consistent.
 */
export function verifyConsistency(
  size1: number,
  size2: number,
  root1: Uint8Array,
  root2: Uint8Array,
  hashes: readonly Uint8Array[],
): boolean {
  if (!isSize(size1) || !isSize(size2) || size1 === 0 || size1 > size2) return false;
  if (size1 === size2) return hashes.length === 0 && equalBytes(root1, root2);
  if (![root1, root2, ...hashes].every(isHash)) return false;

  let node = size1 - 1;
  let last = size2 - 1;
  while (isOdd(node)) [node, last] = [parent(node), parent(last)];
  // A complete first tree (node 0 by now) is itself the subtree at which the proof starts.
  const [start, ...path] = node === 0 ? [root1, ...hashes] : hashes;
  if (start === undefined) return false;

  let old = start;
  let current = start;
  for (const hash of path) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      old = nodeHash(hash, old);
      current = nodeHash(hash, current);
      while (!isOdd(node) && node > 0) [node, last] = [parent(node), parent(last)];
    } else {
      current = nodeHash(current, hash);
    }
    [node, last] = [parent(node), parent(last)];
  }
  return last === 0 && equalBytes(old, root1) && equalBytes(current, root2);
}

// Sizes go beyond 32 bits, so the shifts of the RFC are divisions here.
function parent(node: number): number {
  return Math.floor(node / 2);
}

function isOdd(node: number): boolean {
  return node % 2 === 1;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}

function requireHashes(hashes: readonly Uint8Array[]): void {
  for (const hash of hashes)
    if (!isHash(hash)) throw new MalformedError(`a hash has ${HASH_BYTES} bytes, not ${hash.length}`);
}

function wrongLength(hashes: readonly Uint8Array[]): MalformedError {
  return new MalformedError(`an inclusion proof of ${hashes.length} hashes does not fit index and size`);
}
