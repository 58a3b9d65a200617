import { expect, it, vi } from 'vitest';
import { LocalChart } from '../../src/chart/local-chart.ts';
import { answerForCharts } from '../../src/cli/chart-results.ts';
import type { Context } from '../../src/run/context.ts';
import { outputTo } from '../support/program.ts';

/** Goes through so many charts with a clock that goes on by a second a chart, and returns what was written. */
async function written(
  length: number,
  { stdout, stderr }: { stdout: boolean; stderr: boolean },
  asked: Partial<Pick<Context, 'saveMemory' | 'optimiseLater'>> = {},
): Promise<string> {
  let text = '';
  let time = 0;
  const context = {
    env: {},
    stdout: outputTo(() => undefined, stdout),
    stderr: outputTo((piece) => (text += piece), stderr),
    now: () => time,
    interrupted: new AbortController().signal,
    saveMemory: () => undefined,
    optimiseLater: () => undefined,
    ...asked,
  } as unknown as Context;
  const charts = Array.from({ length }, () => new LocalChart('a.tgz'));
  const work = () => {
    time++;
    return Promise.resolve({ text: [], members: {} });
  };
  const show = () => {
    text += '.';
    return Promise.resolve();
  };
  await answerForCharts(charts, context, show, { good: 'verified', work });
  return text;
}

const LINE = '\\r\\u001b\\[K[0-9]+ of 40 charts done\\r';

it('a terminal is told how many of many charts are done, and keeps no trace of it', async () => {
  expect(await written(40, { stdout: false, stderr: true })).toMatch(
    new RegExp(`^(${LINE}|\\.)*${LINE}\\.*\\r\\u001b\\[K$`),
  );
});

it('a result that goes to the terminal as well is not written over the line', async () => {
  const text = await written(40, { stdout: true, stderr: true });
  expect(text).toMatch(/ of 40 charts done\r\r\u001b\[K\./);
  expect(text).not.toMatch(/done\r\./);
});

it('a file is told nothing, and nobody is told of a single chart', async () => {
  expect(await written(40, { stdout: true, stderr: false })).toBe('.'.repeat(40));
  expect(await written(1, { stdout: true, stderr: true })).toBe('.');
});

it.each([
  [2000, 0],
  [2001, 1],
])('a run over %i charts asks %i times to save memory', async (length, times) => {
  const saveMemory = vi.fn();
  await written(length, { stdout: false, stderr: false }, { saveMemory });
  expect(saveMemory).toHaveBeenCalledTimes(times);
});

it.each([
  [50, 0],
  [51, 1],
])('a run over %i charts asks %i times to have code optimised later', async (length, times) => {
  const optimiseLater = vi.fn();
  await written(length, { stdout: false, stderr: false }, { optimiseLater });
  expect(optimiseLater).toHaveBeenCalledTimes(times);
});

it('an interrupted run takes its time to name the charts that it did not begin, when none is under way', async () => {
  const interruption = new AbortController();
  const takeTime = vi.fn();
  const context = {
    env: {},
    stdout: outputTo(() => undefined, false),
    stderr: outputTo(() => undefined, false),
    now: () => 0,
    interrupted: interruption.signal,
    takeTime,
    optimiseLater: () => undefined,
  } as unknown as Context;
  const charts = Array.from({ length: 100 }, () => new LocalChart('a.tgz'));
  const pending: (() => void)[] = [];
  let begun = 0;
  const work = async () => {
    if (++begun === 3) interruption.abort();
    await new Promise<void>((resolve) => pending.push(resolve));
    return { text: [], members: {} };
  };
  const answered = answerForCharts(charts, context, () => Promise.resolve(), { good: 'verified', work });
  await vi.waitFor(() => {
    expect(pending.length).toBe(3);
  });
  await new Promise(setImmediate);
  expect(takeTime).not.toHaveBeenCalled();
  for (const resolve of pending) resolve();
  expect(await answered).toMatchObject({
    diagnoses: [{ message: 'interrupted before 97 of 100 charts were verified' }],
  });
  expect(takeTime).toHaveBeenCalled();
});
