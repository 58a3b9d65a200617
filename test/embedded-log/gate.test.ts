import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/embedded-log/service/gate.ts';
import { Room } from '../../src/embedded-log/service/room.ts';

const KIB = 1024;

/** Work of these weights that comes at one moment: in which order it begins, and how much was under way at the most. */
async function began(gate: Gate, weights: readonly [name: string, bytes: number][]) {
  const order: string[] = [];
  let [now, most] = [0, 0];
  const results = await Promise.allSettled(
    weights.map(([name, bytes]) =>
      gate.run(bytes, async () => {
        order.push(name);
        most = Math.max(most, (now += bytes));
        await new Promise((resolve) => setImmediate(resolve));
        now -= bytes;
        if (name === 'fails') throw new Error(name);
      }),
    ),
  );
  return { order, most, failed: results.filter(({ status }) => status === 'rejected').length };
}

const many = (name: string, bytes: number, count: number): [string, number][] =>
  Array.from({ length: count }, () => [name, bytes]);

describe('Gate', () => {
  it('lets in no more than fits, what is too heavy alone, and goes on after what failed', async () => {
    const gate = new Gate(100 * KIB);
    const { order, most, failed } = await began(gate, [
      ...many('half', 50 * KIB, 3),
      ['fails', 40 * KIB],
      ['whole', 100 * KIB],
    ]);
    expect(order.toSorted()).toEqual(['fails', 'half', 'half', 'half', 'whole']);
    expect([most, failed]).toEqual([100 * KIB, 1]);
    expect((await began(gate, [['alone', 900 * KIB]])).order).toEqual(['alone']);
  });

  it('lets light work pass what is heavy, however much of that waits longer', async () => {
    const gate = new Gate(100 * KIB);
    const { order } = await began(gate, [...many('heavy', 100 * KIB, 50), ['light', 10]]);
    expect(order.indexOf('light')).toBe(1);
  });

  it('lets heavy work have its turn, however much light work comes', async () => {
    const gate = new Gate(100 * KIB);
    const { order } = await began(gate, [
      ...many('light', 10, 10),
      ['heavy', 100 * KIB],
      ...many('light', 10, 500),
    ]);
    expect(order.indexOf('heavy')).toBeLessThan(25);
  });

  it('lets each turn of the event loop begin one work at the most', async () => {
    const gate = new Gate(100 * KIB);
    let turns = 0;
    const begun: number[] = [];
    const work = Array.from({ length: 9 }, () => gate.run(1, () => begun.push(turns)));
    while (begun.length < work.length) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    expect(new Set(begun).size).toBe(begun.length);
  });
});

it('Room is given until there is none, and again when it is given back', () => {
  const room = new Room(10);
  expect([room.take(6), room.take(5), room.take(4), room.take(1)]).toEqual([true, false, true, false]);
  room.giveBack(6);
  expect(room.take(6)).toBe(true);
});
