import { expect, test } from 'vitest';
import { median, medianDifference, medianRatio } from '../../scripts/benchmark/statistics.mjs';

test('the median is the value in the middle, whatever the order', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 9, 100])).toBe(10);
});

test('there is no median of nothing, and no comparison of other rounds', () => {
  expect(() => median([])).toThrow(RangeError);
  expect(() => medianDifference([1, 2], [1])).toThrow(RangeError);
});

test('series are compared round by round, so a machine that gets slower changes no difference', () => {
  const base = [10, 20, 30];
  expect(
    medianDifference(
      base.map((time) => time + 4),
      base,
    ),
  ).toBe(4);
  expect(
    medianRatio(
      base.map((time) => time * 3),
      base,
    ),
  ).toBe(3);
});
