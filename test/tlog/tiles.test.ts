import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../src/encoding.ts';
import { MalformedError } from '../../src/errors.ts';
import { leafHash, nodeHash, rootFromInclusionProof, verifyConsistency } from '../../src/tlog/merkle.ts';
import { proveConsistency, proveInclusion } from '../../src/tlog/tile-proofs.ts';
import { entriesIn, entriesTile, entryIn, tilePath, type Tile } from '../../src/tlog/tiles.ts';
import { tilesOf } from '../support/independent/tiles.mjs';
import { ReferenceTree } from '../support/independent/tree.mjs';

const entries = (count: number) => Array.from({ length: count }, (_, index) => encodeUtf8(`entry ${index}`));

function reader(tiles: ReadonlyMap<string, Buffer>): (tile: Tile) => Promise<Uint8Array> {
  return (tile) => {
    const bytes = tiles.get(tilePath(tile));
    return bytes === undefined
      ? Promise.reject(new Error(`there is no ${tilePath(tile)}`))
      : Promise.resolve(bytes);
  };
}

/** The root over 2^`height` equal ones. */
function powerOver(hash: Uint8Array, height: number): Uint8Array {
  return height === 0 ? hash : powerOver(nodeHash(hash, hash), height - 1);
}

describe('tilePath', () => {
  it.each<[Tile, string]>([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 5, width: 3 }, 'tile/0/005.p/3'],
    [{ level: 2, index: 1234067, width: 256 }, 'tile/2/x001/x234/067'],
    [{ level: 'entries', index: 1000, width: 255 }, 'tile/entries/x001/000.p/255'],
  ])('%o is %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
  });
});

describe('entriesIn', () => {
  it('gives the entries that a tile has at that size, also where it has more by now', () => {
    const full = tilesOf(entries(256)).get('tile/entries/000') ?? Buffer.alloc(0);
    const found = entriesIn(full, { level: 'entries', index: 0, width: 3 });
    expect(found.map((entry) => Buffer.from(entry).toString())).toEqual(['entry 0', 'entry 1', 'entry 2']);
  });

  it('refuses what follows the entries that it has at that size, if it is none', () => {
    const bytes = Buffer.concat([
      tilesOf(entries(2)).get('tile/entries/000.p/2') ?? Buffer.alloc(0),
      Buffer.of(0),
    ]);
    expect(() => entriesIn(bytes, { level: 'entries', index: 0, width: 2 })).toThrow(/ends in a length/);
  });
});

describe('proveInclusion', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 13, 64, 100, 255, 256, 257, 300, 511, 512, 513, 700, 1025])(
    'gives every proof of a tree of %d entries, as the definitions of the RFC do',
    async (size) => {
      const all = entries(size);
      const read = reader(tilesOf(all));
      const tree = new ReferenceTree(all.map(leafHash));
      const step = size > 70 ? 17 : 1;
      for (let index = 0; index < size; index += step)
        expect(await proveInclusion(index, size, read)).toEqual(
          tree.inclusionProof(index).map((hash) => Buffer.from(hash)),
        );
    },
  );

  it('gives proofs of a large tree, whose tiles have seven levels', async () => {
    // Of leaves that are all the same.
    const body = encodeUtf8('entry');
    const rootOf = (length: number): Uint8Array => {
      if (length === 1) return leafHash(body);
      const left = 2 ** Math.ceil(Math.log2(length) - 1);
      return nodeHash(rootOf(left), left * 2 === length ? rootOf(left) : rootOf(length - left));
    };
    const known = new Map<number, Uint8Array>();
    const full = (level: number): Uint8Array => {
      const below = known.get(level) ?? (level === 0 ? leafHash(body) : powerOver(full(level - 1), 8));
      known.set(level, below);
      return below;
    };
    const read = ({ level, width }: Tile) =>
      Promise.resolve(Buffer.concat(Array.from({ length: width }, () => full(Number(level)))));
    const size = 2 ** 50 + 2 ** 33 + 2 ** 16 + 300;
    for (const index of [0, 65_536, 2 ** 40, 2 ** 50 - 1, 2 ** 50, size - 1]) {
      const proof = await proveInclusion(index, size, read);
      expect(rootFromInclusionProof(index, size, leafHash(body), proof)).toEqual(
        nodeHash(
          powerOver(leafHash(body), 50),
          nodeHash(powerOver(leafHash(body), 33), nodeHash(powerOver(leafHash(body), 16), rootOf(300))),
        ),
      );
    }
  });

  it('asks for each tile once, and for few', async () => {
    const asked: string[] = [];
    const zeros = (tile: Tile) => {
      asked.push(tilePath(tile));
      return Promise.resolve(new Uint8Array(tile.width * 32));
    };
    await proveInclusion(4_503_599_627_370_495, 9_007_199_254_740_991, zeros);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBeLessThan(16);
  });

  it('takes the full tile for a partial one', async () => {
    const full = tilesOf(entries(256));
    const read = (tile: Tile) => reader(full)({ ...tile, width: 256 });
    const first = entries(100);
    expect(await proveInclusion(7, 100, read)).toEqual(
      new ReferenceTree(first.map(leafHash)).inclusionProof(7).map((hash) => Buffer.from(hash)),
    );
  });

  it.each([
    ['too few bytes', 31],
    ['a hash too little', 99 * 32],
    ['half a hash', 100 * 32 + 1],
    ['more than a tile', 257 * 32],
  ])('takes no tile of %s', async (_, length) => {
    await expect(proveInclusion(7, 100, () => Promise.resolve(new Uint8Array(length)))).rejects.toThrow(
      MalformedError,
    );
  });

  it.each([
    [0, 0],
    [5, 5],
    [-1, 5],
    [0.5, 5],
    [5, 2 ** 53],
  ])('there is no leaf %d in a tree of %d', async (index, size) => {
    await expect(proveInclusion(index, size, reader(new Map()))).rejects.toThrow(MalformedError);
    expect(() => entriesTile(index, size)).toThrow(MalformedError);
  });
});

describe('entryIn', () => {
  const all = entries(300);
  const bytes = (path: string) => tilesOf(all).get(path) ?? Buffer.alloc(0);

  it.each([0, 1, 255, 256, 299])('finds entry %d', (index) => {
    const tile = entriesTile(index, 300);
    expect(Buffer.from(entryIn(bytes(tilePath(tile)), tile, index))).toEqual(
      Buffer.from(all[index] ?? new Uint8Array()),
    );
  });

  it.each<[string, (whole: Buffer) => Buffer]>([
    ['nothing', () => Buffer.alloc(0)],
    ['half a length', (whole) => Buffer.concat([whole, Buffer.of(0)])],
    ['half an entry', (whole) => whole.subarray(0, -1)],
    ['an entry too little', (whole) => whole.subarray(0, -(2 + 'entry 299'.length))],
    ['more than 256 entries', (whole) => Buffer.concat([whole, Buffer.alloc(2 * 213)])],
  ])('takes no tile of %s', (_, changed) => {
    const tile = entriesTile(280, 300);
    expect(() => entryIn(changed(bytes(tilePath(tile))), tile, 280)).toThrow(MalformedError);
  });
});

describe('proveConsistency', () => {
  it.each([2, 3, 4, 5, 7, 8, 13, 64, 100, 256, 257, 511, 512, 513, 700])(
    'gives every proof of how a tree grew to %d entries, as the definitions of the RFC do, from tiles of later',
    async (newer) => {
      const all = entries(newer + 5);
      const tree = new ReferenceTree(all.map(leafHash));
      const step = newer > 70 ? 13 : 1;
      for (const size of [newer, newer + 5]) {
        const read = reader(tilesOf(all.slice(0, size)));
        for (let older = 1; older < newer; older += step)
          expect(await proveConsistency(older, newer, size, read)).toEqual(
            tree.consistencyProof(older, newer).map((hash) => Buffer.from(hash)),
          );
      }
    },
  );

  it('gives proofs that a verifier takes, and none for another tree', async () => {
    const [all, others] = [entries(300), [...entries(299), encodeUtf8('another')]];
    const rootOf = (of: readonly Uint8Array[]) => new ReferenceTree(of.map(leafHash)).root();
    const proof = await proveConsistency(200, 300, 300, reader(tilesOf(all)));
    const older = rootOf(all.slice(0, 200));
    expect(verifyConsistency(200, 300, older, rootOf(all), proof)).toBe(true);
    expect(verifyConsistency(200, 300, older, rootOf(others), proof)).toBe(false);
  });

  it.each([
    [0, 5, 5],
    [5, 5, 5],
    [6, 5, 6],
    [2, 6, 5],
    [-1, 5, 5],
    [1.5, 5, 5],
  ])('there is none from %d to %d in a tree of %d', async (older, newer, size) => {
    await expect(proveConsistency(older, newer, size, reader(tilesOf(entries(5))))).rejects.toThrow(
      MalformedError,
    );
  });

  it('refuses a tile that is cut', async () => {
    const cut = () => Promise.resolve(Buffer.alloc(31));
    await expect(proveConsistency(3, 5, 5, cut)).rejects.toThrow(
      /expected a tile of 5 hashes, found 31 bytes/,
    );
  });
});
