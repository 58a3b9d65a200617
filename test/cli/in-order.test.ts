import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inOrder } from '../../src/cli/in-order.ts';

/** Work that ends when it is told to, and notes what is under way. */
class Workbench {
  readonly begun: number[] = [];
  readonly #finish = new Map<number, () => void>();

  readonly work = async (item: number): Promise<string> => {
    this.begun.push(item);
    await new Promise<void>((resolve) => this.#finish.set(item, resolve));
    return `result ${item}`;
  };

  async finish(item: number): Promise<void> {
    this.#finish.get(item)?.();
    await setImmediate();
  }
}

/** Collects results as they come. */
function collect<T>(results: AsyncIterable<T>): T[] {
  const seen: T[] = [];
  void (async () => {
    for await (const result of results) seen.push(result);
  })();
  return seen;
}

describe('work on many items', () => {
  it('gives its results in the order of the items, each as soon as those before it are there', async () => {
    const bench = new Workbench();
    const seen = collect(inOrder([1, 2, 3], 3, bench.work));
    await bench.finish(2);
    expect(seen).toEqual([]);
    await bench.finish(1);
    await bench.finish(3);
    expect(seen).toEqual(['result 1', 'result 2', 'result 3']);
  });

  it('does not begin more than the limit, not even while finished ones wait for the first', async () => {
    const bench = new Workbench();
    const seen = collect(inOrder([1, 2, 3, 4, 5], 3, bench.work));
    await bench.finish(2);
    await bench.finish(3);
    expect(bench.begun).toEqual([1, 2, 3]);
    await bench.finish(1);
    expect(bench.begun).toEqual([1, 2, 3, 4, 5]);
    await bench.finish(4);
    await bench.finish(5);
    expect(seen).toHaveLength(5);
  });

  it('of no items is none', async () => {
    const bench = new Workbench();
    const seen = collect(inOrder([], 3, bench.work));
    await setImmediate();
    expect({ seen, begun: bench.begun }).toEqual({ seen: [], begun: [] });
  });
});
