import { expect, test } from 'vitest';
import { timeOver, timesOver } from '../../scripts/benchmark/comparison.mjs';
import { besideTable, goalTable, isMet, PEER } from '../../scripts/benchmark/result.mjs';

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

test('a goal over what is not there is neither met nor missed, and the table says so', () => {
  const row = { what: 'version', measured: undefined, unit: 'times' as const, atMost: 0.8 };
  expect(isMet(row)).toBeUndefined();
  expect(goalTable([row]).split('\n')[2]?.replace(/ +/g, ' ')).toBe(
    '| version | at most 0.80 × | not measured | | |',
  );
});

test('programs stand side by side, and who could have run and was not there is named', () => {
  const runs = { elapsed: [30, 10, 20], cpu: [4, 6] };
  const lines = besideTable({ version: { [PEER]: undefined, Node: runs }, hashing: { openssl: runs } });
  expect(lines.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
    `| what | ${PEER} | Node | openssl |`,
    expect.stringMatching(/^\| -+ \| -+ \| -+ \| -+ \|$/),
    '| version | not measured | 20.0 ms (5) | |',
    '| hashing | | | 20.0 ms (5) |',
  ]);
});
