import { describe, expect, it } from 'vitest';
import { decodeBase64, equalBytes } from '../../src/encoding.ts';
import { MalformedError } from '../../src/errors.ts';
import { rootFromInclusionProof, verifyConsistency } from '../../src/tlog/merkle.ts';
import { readVectorJson, vectors } from '../support/vectors.ts';

interface Case {
  readonly name: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

interface InclusionCase extends Case {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
}

interface ConsistencyCase extends Case {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
}

const inclusion = cases<InclusionCase>('inclusion');
const consistency = cases<ConsistencyCase>('consistency');

describe.skipIf(!vectors)('the Merkle vectors of others (needs the vectors)', () => {
  it('there are 98 of each', () => {
    expect([inclusion.length, consistency.length]).toEqual([98, 98]);
  });

  it.each(inclusion)('inclusion $name: error $wantErr', (row) => {
    expect(inclusionHolds(row)).toBe(!row.wantErr);
  });

  it.each(consistency)(
    'consistency $name: error $wantErr',
    ({ size1, size2, root1, root2, proof, wantErr }) => {
      const holds = verifyConsistency(size1, size2, decodeBase64(root1), decodeBase64(root2), hashes(proof));
      expect(holds).toBe(!wantErr);
    },
  );
});

function inclusionHolds({ leafIdx, treeSize, root, leafHash, proof }: InclusionCase): boolean {
  try {
    const computed = rootFromInclusionProof(leafIdx, treeSize, decodeBase64(leafHash), hashes(proof));
    return equalBytes(computed, decodeBase64(root));
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

function hashes(proof: readonly string[] | null): Uint8Array[] {
  return (proof ?? []).map(decodeBase64);
}

function cases<T extends Case>(file: string): T[] {
  return vectors === undefined ? [] : (readVectorJson('merkle', `${file}.json`) as T[]);
}
