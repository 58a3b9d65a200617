import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHex, encodeHex, encodeUtf8, equalBytes } from '../../src/encoding.ts';
import { MalformedError } from '../../src/errors.ts';
import { leafHash, nodeHash, rootFromInclusionProof, verifyConsistency } from '../../src/tlog/merkle.ts';
import { flipBit, withOneBitFlipped } from '../support/bits.ts';
import { ReferenceTree } from '../support/independent/tree.mjs';

const leaves = (count: number) =>
  Array.from({ length: count }, (_, index) => leafHash(encodeUtf8(`leaf ${index}`)));

const treeAndIndex = fc
  .integer({ min: 1, max: 70 })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }));

const twoSizes = fc
  .integer({ min: 1, max: 70 })
  .chain((size2) => fc.record({ size1: fc.integer({ min: 1, max: size2 }), size2: fc.constant(size2) }));

describe('leafHash and nodeHash', () => {
  it('a leaf is hashed behind the byte 0', () => {
    expect(encodeHex(leafHash(new Uint8Array()))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  it('a leaf that holds two hashes is not the node above them', () => {
    const [left, right] = [leafHash(encodeUtf8('a')), leafHash(encodeUtf8('b'))];
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });
});

describe('rootFromInclusionProof', () => {
  it('the proof of each leaf leads to the root, in trees of every size', () => {
    fc.assert(
      fc.property(treeAndIndex, ({ size, index }) => {
        const tree = leaves(size);
        const leaf = leafHash(encodeUtf8(`leaf ${index}`));
        const root = rootFromInclusionProof(index, size, leaf, inclusionProof(tree, index));
        expect(root).toEqual(rootHash(tree));
      }),
    );
  });

  it('no bit of a proof can be turned over', () => {
    const tree = leaves(13);
    const proof = inclusionProof(tree, 6);
    const root = rootHash(tree);
    const leaf = leafHash(encodeUtf8('leaf 6'));
    fc.assert(
      fc.property(fc.nat(proof.length - 1), fc.nat(255), (at, bit) => {
        const forged = proof.map((hash, index) => (index === at ? flipBit(hash, bit) : hash));
        expect(equalBytes(rootFromInclusionProof(6, 13, leaf, forged), root)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(withOneBitFlipped(leaf), (forged) => {
        expect(equalBytes(rootFromInclusionProof(6, 13, forged, proof), root)).toBe(false);
      }),
    );
  });

  it('a proof does not hold for another index', () => {
    fc.assert(
      fc.property(treeAndIndex, fc.nat(69), ({ size, index }, other) => {
        fc.pre(other < size && other !== index);
        const tree = leaves(size);
        const leaf = leafHash(encodeUtf8(`leaf ${index}`));
        const proof = inclusionProof(tree, index);
        expect(
          holds(() => equalBytes(rootFromInclusionProof(other, size, leaf, proof), rootHash(tree))),
        ).toBe(false);
      }),
    );
  });

  it.each([
    ['one hash too long', 5, 8, 4],
    ['one hash too short', 5, 8, 2],
    ['empty in a tree of eight', 5, 8, 0],
    ['of one hash in a tree of one leaf', 0, 1, 1],
  ])('a proof that is %s is refused', (_, index, size, length) => {
    const hashes = leaves(length);
    expect(() => rootFromInclusionProof(index, size, leafHash(new Uint8Array()), hashes)).toThrow(
      MalformedError,
    );
  });

  it.each([
    ['an index equal to the size', 8, 8],
    ['a negative index', -1, 8],
    ['an index between two leaves', 0.5, 8],
    ['an empty tree', 0, 0],
    ['a size beyond 2^53', 0, 2 ** 64],
    ['an index beyond 2^53', 2 ** 64 - 1, 2 ** 64],
    ['a size that is not a number', 0, NaN],
  ])('%s is refused', (_, index, size) => {
    expect(() => rootFromInclusionProof(index, size, leafHash(new Uint8Array()), leaves(3))).toThrow(
      MalformedError,
    );
  });

  it('a hash of another length is refused, wherever it stands', () => {
    const short = new Uint8Array(31);
    const hash = leafHash(new Uint8Array());
    expect(() => rootFromInclusionProof(0, 1, short, [])).toThrow('a hash has 32 bytes, not 31');
    expect(() => rootFromInclusionProof(0, 2, hash, [short])).toThrow('a hash has 32 bytes, not 31');
  });

  it('trees larger than 32 bits can count are no different', () => {
    const size = 2 ** 40 + 1;
    const leaf = leafHash(encodeUtf8('the last one'));
    const left = leafHash(encodeUtf8('2^40 others'));
    expect(rootFromInclusionProof(size - 1, size, leaf, [left])).toEqual(nodeHash(left, leaf));
  });
});

describe('verifyConsistency', () => {
  it('a tree is consistent with each of its prefixes', () => {
    fc.assert(
      fc.property(twoSizes, ({ size1, size2 }) => {
        const tree = leaves(size2);
        const proof = consistencyProof(tree, size1);
        const root1 = rootHash(tree.slice(0, size1));
        expect(verifyConsistency(size1, size2, root1, rootHash(tree), proof)).toBe(true);
      }),
    );
  });

  it('no bit of proof or roots can be turned over', () => {
    fc.assert(
      fc.property(twoSizes, fc.nat(), fc.nat(255), ({ size1, size2 }, which, bit) => {
        const tree = leaves(size2);
        const all = [rootHash(tree.slice(0, size1)), rootHash(tree), ...consistencyProof(tree, size1)];
        const forged = all.map((hash, index) => (index === which % all.length ? flipBit(hash, bit) : hash));
        const [root1 = new Uint8Array(), root2 = new Uint8Array(), ...proof] = forged;
        expect(verifyConsistency(size1, size2, root1, root2, proof)).toBe(false);
      }),
    );
  });

  it('a tree in which one old leaf was replaced is not consistent', () => {
    const old = leaves(6);
    const rewritten = leaves(11).with(2, leafHash(encodeUtf8('another')));
    const proof = consistencyProof(rewritten, 6);
    expect(verifyConsistency(6, 11, rootHash(old), rootHash(rewritten), proof)).toBe(false);
  });

  it.each([
    ['a first size of 0', 0, 8],
    ['a smaller second size', 8, 6],
    ['a negative size', -1, 8],
    ['a size beyond 2^53', 6, 2 ** 64],
    ['a size that is not a number', NaN, NaN],
  ])('%s is refused', (_, size1, size2) => {
    const root = rootHash(leaves(8));
    expect(verifyConsistency(size1, size2, root, root, [])).toBe(false);
  });

  it('equal sizes with a proof, or with other roots, are refused', () => {
    const [a, b] = [rootHash(leaves(4)), rootHash(leaves(5))];
    expect(verifyConsistency(4, 4, a, a, [])).toBe(true);
    expect(verifyConsistency(4, 4, a, a, [b])).toBe(false);
    expect(verifyConsistency(4, 4, a, b, [])).toBe(false);
  });

  it('a root or hash of another length is refused', () => {
    const short = decodeHex('00');
    const root = rootHash(leaves(1));
    expect(verifyConsistency(1, 2, short, nodeHash(short, root), [root])).toBe(false);
    expect(verifyConsistency(1, 2, root, nodeHash(root, short), [short])).toBe(false);
  });
});

function holds(claim: () => boolean): boolean {
  try {
    return claim();
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

function rootHash(leaves: readonly Uint8Array[]): Uint8Array {
  return new ReferenceTree(leaves).root();
}

function inclusionProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  return new ReferenceTree(leaves).inclusionProof(index);
}

function consistencyProof(leaves: readonly Uint8Array[], size: number): Uint8Array[] {
  return new ReferenceTree(leaves).consistencyProof(size);
}
