import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { merkleVectors } from '../../scripts/log-vectors/merkle.mjs';
import { noteVectors } from '../../scripts/log-vectors/notes.mjs';
import { signP256 } from '../../scripts/log-vectors/test-keys.mjs';
import { vectorText } from '../../scripts/log-vectors/text.mjs';
import { MerkleTree } from '../../src/embedded-log/tree.ts';
import { decodeBase64, encodeBase64, encodeHex, encodeUtf8, equalBytes } from '../../src/encoding.ts';
import { MalformedError } from '../../src/errors.ts';
import { parseCheckpoint, verifyCheckpointSignature } from '../../src/tlog/checkpoint.ts';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { leafHash, rootFromInclusionProof, verifyConsistency } from '../../src/tlog/merkle.ts';
import { leafHash as independentLeafHash, ReferenceTree } from '../support/independent/tree.mjs';

interface MerkleVectors {
  readonly roots: readonly { readonly size: number; readonly root: string }[];
  readonly inclusion: readonly {
    readonly name: string;
    readonly index: number;
    readonly size: number;
    readonly leafHash: string;
    readonly root: string;
    readonly proof: readonly string[];
    readonly holds: boolean;
  }[];
  readonly consistency: readonly {
    readonly name: string;
    readonly size1: number;
    readonly size2: number;
    readonly root1: string;
    readonly root2: string;
    readonly proof: readonly string[];
    readonly holds: boolean;
  }[];
}

interface NoteVectors {
  readonly keys: readonly { readonly name: string; readonly pem: string }[];
  readonly notes: readonly {
    readonly name: string;
    readonly key: string;
    readonly expected: 'signed' | 'not signed' | 'malformed';
    readonly note: string;
  }[];
}

const merkle = JSON.parse(read('merkle-vectors.json')) as MerkleVectors;
const notes = JSON.parse(read('note-vectors.json')) as NoteVectors;

describe('the checked-in vectors', () => {
  it('are what the script makes', () => {
    expect(read('merkle-vectors.json')).toBe(vectorText(merkleVectors()));
    expect(read('note-vectors.json')).toBe(vectorText(noteVectors()));
  });

  it('are signed as RFC 6979 A.2.5 shows', () => {
    const secret = 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n;
    expect(signP256('sample', secret)).toEqual([
      0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n,
      0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n,
    ]);
  });

  it('are made of trees with the root that the tests of Certificate Transparency have for these leaves', () => {
    const leaves = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const tree = new ReferenceTree(leaves.map((leaf) => independentLeafHash(Buffer.from(leaf, 'hex'))));
    expect(encodeHex(tree.root())).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  it('are good and bad ones of every kind', () => {
    const said = [...merkle.inclusion, ...merkle.consistency].map(({ holds }) => holds);
    const expected = notes.notes.map((note) => note.expected);
    expect(countsOf([...said, ...expected])).toEqual({
      ...{ true: 151, false: 206 },
      ...{ signed: 16, 'not signed': 24, malformed: 34 },
    });
  });
});

describe('Merkle trees', () => {
  it.each(merkle.roots)('of $size leaves have their root', ({ size, root }) => {
    const tree = new MerkleTree();
    for (let index = 0; index < size; index++) tree.append(leafHash(encodeUtf8(`leaf ${index}`)));
    expect(encodeBase64(tree.root(size))).toBe(root);
  });

  it.each(merkle.inclusion)(
    '$name is included: $holds',
    ({ index, size, leafHash: leaf, root, proof, holds }) => {
      const claim = () => rootFromInclusionProof(index, size, decodeBase64(leaf), proof.map(decodeBase64));
      expect(orRefused(() => equalBytes(claim(), decodeBase64(root)))).toBe(holds);
    },
  );

  it.each(merkle.consistency)(
    '$name are a prefix: $holds',
    ({ size1, size2, root1, root2, proof, holds }) => {
      const roots = [decodeBase64(root1), decodeBase64(root2)] as const;
      expect(verifyConsistency(size1, size2, ...roots, proof.map(decodeBase64))).toBe(holds);
    },
  );
});

describe('checkpoints', () => {
  const keys = new Map(notes.keys.map(({ name, pem }) => [name, logKeyFromPem(pem)]));

  it.each(notes.notes)('under a key of $key with $name: $expected', ({ key: name, note, expected }) => {
    const key = keys.get(name);
    if (key === undefined) throw new Error(`no key ${name}`);
    const isSigned = orRefused(() => verifyCheckpointSignature(parseCheckpoint(note), key), 'malformed');
    expect(isSigned).toBe({ signed: true, 'not signed': false, malformed: 'malformed' }[expected]);
  });
});

/** What is said of a claim: false, or something else, if it is malformed. */
function orRefused(claim: () => boolean, refused: false | 'malformed' = false): boolean | 'malformed' {
  try {
    return claim();
  } catch (error) {
    if (error instanceof MalformedError) return refused;
    throw error;
  }
}

function countsOf(words: readonly (string | boolean)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[String(word)] = (counts[String(word)] ?? 0) + 1;
  return counts;
}

function read(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}
