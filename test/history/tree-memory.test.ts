import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMemory, parseMemory } from '../../src/history/memory-format.ts';
import { absorb, sightingsFrom, upTo, type TreeMemory } from '../../src/history/tree-memory.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { forkedHead, head, keys, NOON, observation, server, treeId } from './heads.ts';

const HOUR = 3600;
const sizes = ({ heads }: TreeMemory) => heads.map(({ size }) => size);

/** What is remembered after sightings of these sizes at these times. */
function after(...seen: readonly (readonly [size: number, seen: number])[]): TreeMemory {
  const [memory] = seen.reduce<TreeMemory[]>(
    ([before], [size, at]) => [
      absorb(before, observation(size, { seen: at, linkedTo: before?.heads ?? [] })),
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
    const memory = absorb(undefined, observation(9));
    expect(absorb(memory, observation(9)).heads[0].checkpoint).toBe(memory.heads[0].checkpoint);
    expect(sizes(absorb(memory, observation(9)))).toEqual([9]);
  });

  it('those that nobody linked yet are kept beside the largest, until somebody does', () => {
    const both = absorb(absorb(undefined, observation(5)), observation(9));
    expect(sizes(both)).toEqual([9, 5]);
    expect(sizes(absorb(both, observation(12, { linkedTo: both.heads })))).toEqual([12]);
    expect(sizes(absorb(both, observation(7, { linkedTo: both.heads })))).toEqual([9]);
    expect(sizes(absorb(both, observation(12, { linkedTo: [head(5)] })))).toEqual([12, 9]);
  });

  it('two that contradict each other are both kept: the next run finds out', () => {
    const memory = absorb(absorb(undefined, observation(9)), observation(9, { head: forkedHead(9) }));
    expect(sizes(memory)).toEqual([9, 9]);
  });

  it('no more than eight are kept, the largest first', () => {
    const memory = [3, 1, 4, 15, 9, 2, 6, 5, 35, 8].reduce<TreeMemory | undefined>(
      (before, size) => absorb(before, observation(size)),
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
    const memory = absorb(after([5, NOON], [9, NOON + HOUR]), observation(9, { offset: 0 }));
    expect(sightingsFrom(memory, 9, 20)).toEqual([{ size: 5 - 20, seen: NOON }]);
    expect(sightingsFrom(memory, 10, 20).length).toBe(2);
  });

  it('none counts for another tree where it is not known where this one begins', () => {
    const memory = absorb(undefined, observation(5, { seen: NOON, offset: undefined }));
    expect(sightingsFrom(memory, 10, 20)).toEqual([]);
  });
});

describe('the file of a tree', () => {
  const memory = after([5, NOON], [9, NOON + HOUR]);
  const parse = (text: string) => parseMemory(encodeUtf8(text), keys.key, treeId);

  it('says what is remembered', () => {
    expect(parse(formatMemory(memory))).toEqual(memory);
    expect(JSON.parse(formatMemory(memory))).toEqual({
      checkpoints: [memory.heads[0].checkpoint],
      servers: [server],
      offset: 0,
      sightings: [
        { size: 5, seen: '2026-11-25T11:00:00Z' },
        { size: 9, seen: '2026-11-25T12:00:00Z' },
      ],
    });
  });

  it('is refused under another key, and for another tree', () => {
    const text = encodeUtf8(formatMemory(memory));
    expect(() => parseMemory(text, newLogKeys.Ed25519().key, treeId)).toThrow('not signed by the log');
    expect(() => parseMemory(text, keys.key, '8')).toThrow('found one of tree 7');
  });

  it('is refused, or says the same, when any of its characters is another one', () => {
    const text = formatMemory(memory);
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
