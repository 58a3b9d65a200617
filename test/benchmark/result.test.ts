import { expect, test } from 'vitest';
import { timeOver, timesOver } from '../../scripts/benchmark/comparison.mjs';
import { goalTable, isMet } from '../../scripts/benchmark/result.mjs';

test('a goal that is just reached is met, one that is just missed is not', () => {
  const row = { what: 'version', measured: 12, unit: 'ms' as const };
  expect(isMet({ ...row, atMost: 12 })).toBe(true);
  expect(isMet({ ...row, atMost: 11.9 })).toBe(false);
  expect(isMet({ ...row, atLeast: 12 })).toBe(true);
  expect(isMet({ ...row, atLeast: 12.1 })).toBe(false);
});

test('without a goal there is no verdict', () => {
  expect(isMet({ what: 'version', measured: 12, unit: 'ms' })).toBeUndefined();
});

test('a comparison gives the median of the rounds, and the mean of CPU time', () => {
  const of = { elapsed: [30, 50, 40], cpu: [20, 20, 50] };
  const over = { elapsed: [10, 20, 30], cpu: [10, 0, 20] };
  expect(timeOver(of, over)).toEqual({ unit: 'ms more', measured: 20, cpu: 20 });
  expect(timeOver(of, over, 15)).toEqual({ unit: 'ms more', measured: 5, cpu: 20 });
  expect(timesOver(of, over)).toEqual({ unit: 'times', measured: 2.5, cpu: 3 });
});

test('a table shows goal, value and verdict of each row', () => {
  const rows = [
    { what: 'version', measured: 20, cpu: 15, unit: 'ms more' as const, atMost: 12 },
    { what: 'memory', measured: 80, unit: 'MiB' as const },
  ];
  expect(
    goalTable(rows)
      .split('\n')
      .map((line) => line.replace(/ +/g, ' ')),
  ).toEqual([
    '| what | goal | measured | met | in CPU time |',
    expect.stringMatching(/^\| -+ \| -+ \| -+ \| -+ \| -+ \|$/),
    '| version | at most +12.0 ms | +20.0 ms | no | +15.0 ms |',
    '| memory | | 80 MiB | | |',
  ]);
});
