import { leafHash } from '../../test/support/independent/tree.mjs';

/** @typedef {import('../../test/support/independent/tree.mjs').ReferenceTree} ReferenceTree */
/** @typedef {import('../../test/support/independent/proof.mjs').InclusionClaim & { readonly name: string }} Inclusion */
/** @typedef {import('../../test/support/independent/proof.mjs').ConsistencyClaim & { readonly name: string }} Consistency */

/**
 * What is said falsely of a leaf. Not all of it is false: an inclusion proof may fit two sizes.
 * @param {Inclusion} base
 * @param {ReferenceTree} tree
 * @returns {Inclusion[]}
 */
export function damagedInclusions(base, tree) {
  const { name, index, size, proof, root } = base;
  return [
    base,
    ...damagedPaths(proof, root).map(([what, damaged]) => ({
      ...base,
      name: `${name}: ${what}`,
      proof: damaged,
    })),
    { ...base, name: `${name}: another leaf`, leaf: leafHash(Buffer.from('another')) },
    { ...base, name: `${name}: another root`, root: tree.root(size + 1) },
    { ...base, name: `${name}: the root of no leaves`, root: tree.root(0) },
    { ...base, name: `${name}: as if behind the end`, index: size },
    { ...base, name: `${name}: as if before the start`, index: -1 },
    { ...base, name: `${name}: as if its neighbour`, index: index ^ 1 },
    { ...base, name: `${name}: as if in a larger tree`, size: size + 1 },
    { ...base, name: `${name}: as if in a tree of twice the size`, size: 2 * size },
  ];
}

/**
 * What is said falsely of a prefix.
 * @param {Consistency} base
 * @param {ReferenceTree} tree
 * @returns {Consistency[]}
 */
export function damagedConsistencies(base, tree) {
  const { name, size1, size2, proof, root1, root2 } = base;
  return [
    base,
    ...damagedPaths(proof, root1).map(([what, damaged]) => ({
      ...base,
      name: `${name}: ${what}`,
      proof: damaged,
    })),
    { ...base, name: `${name}: another first root`, root1: tree.root(size1 + 1) },
    { ...base, name: `${name}: another second root`, root2: tree.root(size2 + 1) },
    { ...base, name: `${name}: roots exchanged`, root1: root2, root2: root1 },
    { ...base, name: `${name}: as if from no leaves`, size1: 0, root1: tree.root(0) },
    { ...base, name: `${name}: as if backwards`, size1: size2 + 1 },
    { ...base, name: `${name}: as if from a larger tree`, size1: size1 + 1 },
    { ...base, name: `${name}: as if to a larger tree`, size2: size2 + 1 },
  ];
}

/**
 * The hashes of a proof, damaged in every way.
 * @param {readonly Uint8Array[]} proof
 * @param {Uint8Array} further a hash that does not belong there
 * @returns {(readonly [what: string, proof: readonly Uint8Array[]])[]}
 */
function damagedPaths(proof, further) {
  return [
    ...proof.map(
      /** @returns {readonly [string, Uint8Array[]]} */ (hash, at) => [
        `a flipped bit in hash ${at}`,
        proof.with(at, flipped(hash, 37 * at)),
      ],
    ),
    ['no hashes', []],
    ['without the first hash', proof.slice(1)],
    ['without the last hash', proof.slice(0, -1)],
    ['a further hash in front', [further, ...proof]],
    ['a further hash at the end', [...proof, further]],
    ['hashes backwards', proof.toReversed()],
  ];
}

/**
 * @param {Uint8Array} bytes
 * @param {number} bit
 */
function flipped(bytes, bit) {
  return bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}
