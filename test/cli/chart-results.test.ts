import { expect, it } from 'vitest';
import { answerForCharts } from '../../src/cli/chart-results.ts';
import type { Context } from '../../src/cli/context.ts';

/** Goes through so many charts with a clock that goes on by a second a chart, and returns what stderr got. */
async function written(length: number, isTerminal: boolean): Promise<string[]> {
  const pieces: string[] = [];
  let time = 0;
  const context = {
    env: {},
    stderr: { isTerminal, write: (text: string) => pieces.push(text) },
    now: () => time,
    interrupted: new AbortController().signal,
  } as unknown as Context;
  const charts = Array.from({ length }, () => ({ path: 'a.tgz' }));
  const work = () => {
    time++;
    return Promise.resolve({ text: '', members: {} });
  };
  await answerForCharts(charts, context, () => undefined, { good: 'verified', work });
  return pieces;
}

it('a terminal is told how many of many charts are done, and keeps no trace of it', async () => {
  const pieces = await written(40, true);
  expect(pieces.join('')).toMatch(/(\r\u001b\[K[0-9]+ of 40 charts done)+/);
  expect(pieces.at(-1)).toBe('\r\u001b[K');
});

it('a file is told nothing, and nobody is told of a single chart', async () => {
  expect(await written(40, false)).toEqual([]);
  expect(await written(1, true)).toEqual([]);
});
