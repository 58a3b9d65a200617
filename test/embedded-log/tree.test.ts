import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MerkleTree } from '../../src/embedded-log/tree.ts';
import { sha256 } from '../../src/digest.ts';
import { encodeHex, encodeUtf8 } from '../../src/encoding.ts';
import { leafHash, rootFromInclusionProof, verifyConsistency } from '../../src/tlog/merkle.ts';
import { ReferenceTree } from '../support/independent/tree.mjs';

const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map(encodeHex);

const leaves = Array.from({ length: 200 }, (_, index) => leafHash(encodeUtf8(`leaf ${index}`)));
const reference = new ReferenceTree(leaves);

function treeOf(hashes: readonly Uint8Array[]): MerkleTree {
  const tree = new MerkleTree();
  for (const hash of hashes) tree.append(hash);
  return tree;
}

/** Numbers `first < second <= 200`. */
const pair = fc
  .integer({ min: 1, max: leaves.length })
  .chain((second) => fc.tuple(fc.nat(second - 1), fc.constant(second)));

describe('MerkleTree', () => {
  it('an empty tree has the hash of nothing as its root', () => {
    expect(new MerkleTree().root(0)).toEqual(sha256());
  });

  it('it remembers its leaves in order', () => {
    const tree = treeOf(leaves);
    expect(tree.size).toBe(200);
    expect(hex([tree.leaf(77)])).toEqual(hex(leaves.slice(77, 78)));
  });

  it('the root of every size it ever had is that of RFC 6962', () => {
    const tree = treeOf(leaves);
    for (let size = 0; size <= leaves.length; size++)
      expect(encodeHex(tree.root(size))).toBe(encodeHex(reference.root(size)));
  });

  it('inclusion proofs of every size are those of RFC 6962, and lead to the root', () => {
    const tree = treeOf(leaves);
    fc.assert(
      fc.property(pair, ([index, size]) => {
        const proof = tree.inclusionProof(index, size);
        expect(hex(proof)).toEqual(hex(reference.inclusionProof(index, size)));
        const root = rootFromInclusionProof(index, size, tree.leaf(index), proof);
        expect(encodeHex(root)).toBe(encodeHex(tree.root(size)));
      }),
    );
  });

  it('consistency proofs between any two sizes are those of RFC 6962, and hold', () => {
    const tree = treeOf(leaves);
    fc.assert(
      fc.property(pair, ([first, size2]) => {
        const size1 = first + 1;
        const proof = tree.consistencyProof(size1, size2);
        expect(hex(proof)).toEqual(hex(reference.consistencyProof(size1, size2)));
        expect(verifyConsistency(size1, size2, tree.root(size1), tree.root(size2), proof)).toBe(true);
      }),
    );
  });

  it('a proof in a tree of 50,000 leaves does not hash the whole tree again', () => {
    const tree = treeOf(Array.from({ length: 50_000 }, (_, index) => sha256(encodeUtf8(String(index)))));
    const root = encodeHex(tree.root(tree.size));
    // Hashing all of it for each of these 250 proofs would take longer than a test may.
    for (let index = 0; index < tree.size; index += 200) {
      const proof = tree.inclusionProof(index, tree.size);
      expect(encodeHex(rootFromInclusionProof(index, tree.size, tree.leaf(index), proof))).toBe(root);
    }
  });
});
