import { sha256 } from '../../src/digest.ts';
import { nodeHash } from '../../src/tlog/merkle.ts';

/**
 * The Merkle tree of RFC 6962 2.1, written down as the recursive definitions of the RFC: slow, and plainly
 * right. Trees are lists of leaf hashes.
 */

/** MTH(D[n]). */
export function rootHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  const k = split(leaves.length);
  return nodeHash(rootHash(leaves.slice(0, k)), rootHash(leaves.slice(k)));
}

/** PATH(index, D[n]). */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return index < k
    ? [...inclusionProof(left, index), rootHash(right)]
    : [...inclusionProof(right, index - k), rootHash(left)];
}

/** PROOF(size, D[n]), for 0 < size <= n. */
export function consistencyProof(leaves: readonly Uint8Array[], size: number): Uint8Array[] {
  return subproof(leaves, size, true);
}

function subproof(leaves: readonly Uint8Array[], size: number, whole: boolean): Uint8Array[] {
  if (size === leaves.length) return whole ? [] : [rootHash(leaves)];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return size <= k
    ? [...subproof(left, size, whole), rootHash(right)]
    : [...subproof(right, size - k, false), rootHash(left)];
}

/** The largest power of two below n. */
function split(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}
