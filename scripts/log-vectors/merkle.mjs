import { consistencyHolds, inclusionHolds } from '../../test/support/independent/proof.mjs';
import { leafHash, ReferenceTree } from '../../test/support/independent/tree.mjs';
import { damagedConsistencies, damagedInclusions } from './damage.mjs';

/** @typedef {import('./damage.mjs').Inclusion} Inclusion */
/** @typedef {import('./damage.mjs').Consistency} Consistency */

/** The sizes whose roots and proofs are written down: small ones, and those around powers of two. */
const SIZES = [...Array.from({ length: 17 }, (_, size) => size), 31, 32, 33, 63, 64, 65, 127, 128, 129];
/** Of these trees proofs are written down. */
const PROVEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65];
/** Leaves (index, size) and prefixes (size, size) whose proofs are damaged in every way. */
const DAMAGED_LEAVES = pairs([0, 1], [0, 2], [2, 3], [4, 7], [6, 7], [5, 8], [10, 11], [16, 17]);
const DAMAGED_PREFIXES = pairs([1, 1], [1, 2], [2, 3], [3, 7], [4, 7], [6, 8], [8, 8], [7, 11], [16, 17]);

const tree = new ReferenceTree(
  Array.from({ length: Math.max(...SIZES) }, (_, index) => leafHash(Buffer.from(`leaf ${index}`))),
);

/**
 * Roots and proofs of trees of known leaves, and damaged proofs, with what a verifier must say of each.
 * @returns {{ about: string, roots: object[], inclusion: object[], consistency: object[] }}
 */
export function merkleVectors() {
  return {
    about: 'RFC 6962 2.1. Leaf 0 is the text "leaf 0". Hashes are base64. Made by scripts/log-vectors.mjs.',
    roots: SIZES.map((size) => ({ size, root: base64(tree.root(size)) })),
    inclusion: written(inclusions().map(writeInclusion)),
    consistency: written(consistencies().map(writeConsistency)),
  };
}

/** @returns {Inclusion[]} */
function inclusions() {
  const good = PROVEN.flatMap((size) => {
    const some = [0, 1, size >> 1, size - 2, size - 1].filter((index) => index >= 0 && index < size);
    return [...new Set(some)].map((index) => inclusion(index, size));
  });
  return [
    ...good,
    ...DAMAGED_LEAVES.flatMap(([index, size]) => damagedInclusions(inclusion(index, size), tree)),
  ];
}

/** @returns {Consistency[]} */
function consistencies() {
  const good = PROVEN.flatMap((size2) => {
    const some = [1, 2, size2 >> 1, size2 - 1, size2].filter((size1) => size1 > 0 && size1 <= size2);
    return [...new Set(some)].map((size1) => consistency(size1, size2));
  });
  return [
    ...good,
    ...DAMAGED_PREFIXES.flatMap(([size1, size2]) => damagedConsistencies(consistency(size1, size2), tree)),
  ];
}

/**
 * @param {number} index
 * @param {number} size
 * @returns {Inclusion}
 */
function inclusion(index, size) {
  const [leaf, proof, root] = [tree.leaf(index), tree.inclusionProof(index, size), tree.root(size)];
  return { name: `leaf ${index} of ${size}`, index, size, leaf, proof, root };
}

/**
 * @param {number} size1
 * @param {number} size2
 * @returns {Consistency}
 */
function consistency(size1, size2) {
  const [root1, root2, proof] = [tree.root(size1), tree.root(size2), tree.consistencyProof(size1, size2)];
  return { name: `${size1} leaves of ${size2}`, size1, size2, root1, root2, proof };
}

/** @param {Inclusion} claim */
function writeInclusion(claim) {
  const { name, index, size, leaf, proof, root } = claim;
  const holds = inclusionHolds(claim);
  return { name, index, size, leafHash: base64(leaf), root: base64(root), proof: proof.map(base64), holds };
}

/** @param {Consistency} claim */
function writeConsistency(claim) {
  const { name, size1, size2, root1, root2, proof } = claim;
  const holds = consistencyHolds(claim);
  return { name, size1, size2, root1: base64(root1), root2: base64(root2), proof: proof.map(base64), holds };
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  return Buffer.from(bytes).toString('base64');
}

/** @param {...[number, number]} each */
function pairs(...each) {
  return each;
}

/**
 * Each claim once: of few hashes, two damages may be the same, or none.
 * @template {{ readonly name: string }} T
 * @param {readonly T[]} claims
 */
function written(claims) {
  const byContent = new Map(
    claims.toReversed().map((claim) => [JSON.stringify({ ...claim, name: '' }), claim]),
  );
  return claims.filter((claim) => byContent.get(JSON.stringify({ ...claim, name: '' })) === claim);
}
