import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSeenTree, parseSeenTree } from '../../src/history/seen-tree-format.ts';
import { addCheckpoint, sightingsWhileGrowing, upTo, type SeenTree } from '../../src/history/seen-tree.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { forkedHead, head, keys, NOON, newCheckpoint, server, treeId } from './checkpoints.ts';

const HOUR = 3600;
const sizes = ({ lastSeen }: SeenTree) => lastSeen.map(({ size }) => size);

/** What is remembered after sightings of these sizes at these times. */
function after(...seen: readonly (readonly [size: number, seen: number])[]): SeenTree {
  const [memory] = seen.reduce<SeenTree[]>(
    ([before], [size, at]) => [
      addCheckpoint(before, newCheckpoint(size, { seen: at, linkedTo: before?.lastSeen ?? [] })),
    ],
    [],
  );
  if (memory === undefined) throw new Error('nothing was seen');
  return memory;
}

describe('of the heads of a tree', () => {
  it('the largest is remembered, in any order', () => {
    for (const order of [
      [5, 9],
      [9, 5],
    ] as const)
      expect(sizes(after(...order.map((size) => [size, NOON] as const)))).toEqual([9]);
  });

  it('one is enough of those that say the same', () => {
    const memory = addCheckpoint(undefined, newCheckpoint(9));
    expect(addCheckpoint(memory, newCheckpoint(9)).lastSeen[0].note).toBe(memory.lastSeen[0].note);
    expect(sizes(addCheckpoint(memory, newCheckpoint(9)))).toEqual([9]);
  });

  it('those that nobody linked yet are kept beside the largest, until somebody does', () => {
    const both = addCheckpoint(addCheckpoint(undefined, newCheckpoint(5)), newCheckpoint(9));
    expect(sizes(both)).toEqual([9, 5]);
    expect(sizes(addCheckpoint(both, newCheckpoint(12, { linkedTo: both.lastSeen })))).toEqual([12]);
    expect(sizes(addCheckpoint(both, newCheckpoint(7, { linkedTo: both.lastSeen })))).toEqual([9]);
    expect(sizes(addCheckpoint(both, newCheckpoint(12, { linkedTo: [head(5)] })))).toEqual([12, 9]);
  });

  it('two that contradict each other are both kept: the next run finds out', () => {
    const memory = addCheckpoint(
      addCheckpoint(undefined, newCheckpoint(9)),
      newCheckpoint(9, { checkpoint: forkedHead(9) }),
    );
    expect(sizes(memory)).toEqual([9, 9]);
  });

  it('no more than eight are kept, the largest first', () => {
    const memory = [3, 1, 4, 15, 9, 2, 6, 5, 35, 8].reduce<SeenTree | undefined>(
      (before, size) => addCheckpoint(before, newCheckpoint(size)),
      undefined,
    );
    expect(memory && sizes(memory)).toEqual([35, 15, 9, 8, 6, 5, 4, 3]);
  });
});

describe('of the sightings of a tree', () => {
  it('one an hour is kept', () => {
    const memory = after([5, NOON], [6, NOON + 60], [7, NOON + HOUR]);
    expect(memory.sightings).toEqual([
      { size: 5, seen: NOON },
      { size: 7, seen: NOON + HOUR },
    ]);
  });

  it('the later one is kept of two of the same size', () => {
    expect(after([5, NOON], [5, NOON + HOUR]).sightings).toEqual([{ size: 5, seen: NOON + HOUR }]);
  });

  it('none is taken from a replica that lags, or by a clock that went back', () => {
    expect(after([9, NOON], [5, NOON + HOUR]).sightings).toEqual([{ size: 9, seen: NOON }]);
    expect(after([5, NOON], [9, NOON - HOUR]).sightings).toEqual([{ size: 5, seen: NOON }]);
  });

  it('those that lie in the future are dropped', () => {
    expect(upTo(NOON, after([5, NOON], [9, NOON + HOUR])).sightings).toEqual([{ size: 5, seen: NOON }]);
  });

  it('a few dozen are kept, from the first to the latest, dense where they are recent', () => {
    const hours = Array.from({ length: 1000 }, (_, hour) => [hour + 1, NOON + hour * HOUR] as const);
    const seen = after(...hours).sightings.map((sighting) => (sighting.seen - NOON) / HOUR);
    expect(seen.length).toBe(32);
    expect(seen[0]).toBe(0);
    expect(seen.slice(-4)).toEqual([996, 997, 998, 999]);
    const widest = Math.max(...seen.slice(1).map((hour, index) => hour - (seen[index] ?? 0)));
    expect(widest).toBeLessThan(300);
  });

  it('only those after which it grew count for a tree that came after it', () => {
    const memory = after([5, NOON], [9, NOON + HOUR]);
    expect(sightingsWhileGrowing(memory, 9)).toEqual([{ size: 0, seen: NOON }]);
    expect(sightingsWhileGrowing(memory, 10).length).toBe(2);
  });
});

describe('the file of a tree', () => {
  const memory = after([5, NOON], [9, NOON + HOUR]);
  const parse = (text: string) => parseSeenTree(encodeUtf8(text), keys.key, treeId);

  it('says what is remembered', () => {
    expect(parse(formatSeenTree(memory))).toEqual(memory);
    expect(JSON.parse(formatSeenTree(memory))).toEqual({
      checkpoints: [memory.lastSeen[0].note],
      servers: [server],
      sightings: [
        { size: 5, seen: '2026-11-25T11:00:00Z' },
        { size: 9, seen: '2026-11-25T12:00:00Z' },
      ],
    });
  });

  it('is read without the index at which an earlier version took its tree to begin', () => {
    const old = { ...(JSON.parse(formatSeenTree(memory)) as object), offset: 4711 };
    expect(parse(JSON.stringify(old))).toEqual(memory);
  });

  it('is refused under another key, and for another tree', () => {
    const text = encodeUtf8(formatSeenTree(memory));
    expect(() => parseSeenTree(text, newLogKeys.Ed25519().key, treeId)).toThrow('not signed by the log');
    expect(() => parseSeenTree(text, keys.key, '8')).toThrow('found one of tree 7');
  });

  it('is refused, or says the same, when any of its characters is another one', () => {
    const text = formatSeenTree(memory);
    const place = fc.integer({ min: 0, max: text.length - 1 });
    fc.assert(
      fc.property(place, fc.constantFrom('0', 'A', '"', ' ', '\n'), (index, character) => {
        const changed = text.slice(0, index) + character + text.slice(index + 1);
        try {
          expect(sizes(parse(changed))).toEqual([9]);
        } catch (error) {
          expect(error).toMatchObject({ name: 'MalformedError' });
        }
      }),
    );
  });
});
