// What proofs of RFC 6962 2.1 lead to, read backwards from the definitions of PATH and PROOF. Nothing here imports `src/`.
import { nodeHash, split } from './tree.mjs';

/**
 * Whether PATH(index, D[size]) may be this proof: it leads from the leaf to the root.
 * @typedef {{ readonly index: number, readonly size: number, readonly leaf: Uint8Array,
 *   readonly proof: readonly Uint8Array[], readonly root: Uint8Array }} InclusionClaim
 * @param {InclusionClaim} claim
 */
export function inclusionHolds({ index, size, leaf, proof, root }) {
  if (index < 0 || index >= size || ![leaf, root, ...proof].every(isHash)) return false;
  const found = above(index, size, leaf, proof);
  return found !== undefined && Buffer.compare(found, root) === 0;
}

/**
 * Whether PROOF(size1, D[size2]) may be this proof: it leads to both roots.
 * @typedef {{ readonly size1: number, readonly size2: number, readonly root1: Uint8Array, readonly root2: Uint8Array,
 *   readonly proof: readonly Uint8Array[] }} ConsistencyClaim
 * @param {ConsistencyClaim} claim
 */
export function consistencyHolds({ size1, size2, root1, root2, proof }) {
  if (size1 <= 0 || size1 > size2) return false;
  // Of one tree nothing is hashed.
  if (size1 !== size2 && ![root1, root2, ...proof].every(isHash)) return false;
  const found = bothAbove(size1, size2, root1, proof, true);
  return (
    found !== undefined && Buffer.compare(found.old, root1) === 0 && Buffer.compare(found.now, root2) === 0
  );
}

/**
 * The hash over `size` leaves, from the hash of one of them and its path; undefined if the path has another length.
 * @param {number} index
 * @param {number} size
 * @param {Uint8Array} leaf
 * @param {readonly Uint8Array[]} path
 * @returns {Uint8Array | undefined}
 */
function above(index, size, leaf, path) {
  if (size === 1) return path.length === 0 ? leaf : undefined;
  const sibling = path.at(-1);
  if (sibling === undefined) return undefined;
  const k = split(size);
  const below =
    index < k
      ? above(index, k, leaf, path.slice(0, -1))
      : above(index - k, size - k, leaf, path.slice(0, -1));
  if (below === undefined) return undefined;
  return index < k ? nodeHash(below, sibling) : nodeHash(sibling, below);
}

/**
 * The hashes over the first `size1` and over all `size2` leaves; undefined if the proof has another length.
 * @param {number} size1
 * @param {number} size2
 * @param {Uint8Array} root1 of the whole first tree
 * @param {readonly Uint8Array[]} proof
 * @param {boolean} isWhole
 * @returns {{ old: Uint8Array, now: Uint8Array } | undefined}
 */
function bothAbove(size1, size2, root1, proof, isWhole) {
  const last = proof.at(-1);
  if (size1 === size2) {
    if (proof.length !== (isWhole ? 0 : 1)) return undefined;
    const same = last ?? root1;
    return { old: same, now: same };
  }
  if (last === undefined) return undefined;
  const k = split(size2);
  const rest = proof.slice(0, -1);
  const isLeft = size1 <= k;
  const below = isLeft
    ? bothAbove(size1, k, root1, rest, isWhole)
    : bothAbove(size1 - k, size2 - k, root1, rest, false);
  if (below === undefined) return undefined;
  return isLeft
    ? { old: below.old, now: nodeHash(below.now, last) }
    : { old: nodeHash(last, below.old), now: nodeHash(last, below.now) };
}

/** @param {Uint8Array} bytes */
function isHash(bytes) {
  return bytes.length === 32;
}
