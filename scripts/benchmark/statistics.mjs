// Figures of runs that took turns. Two series are compared round by round, and then the median is taken: a machine that
// was slow for some rounds was slow for both.

/**
 * @param {number[]} values
 * @returns {number} of an even number of values the upper one in the middle
 * @throws {RangeError} when there is none
 */
export function median(values) {
  const middle = [...values].sort((a, b) => a - b)[values.length >> 1];
  if (middle === undefined) throw new RangeError('the median of no values');
  return middle;
}

/** @param {number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * By how much more `of` took than `over` in the same round.
 *
 * @param {number[]} of
 * @param {number[]} over
 */
export function medianDifference(of, over) {
  return median(pairs(of, over).map(([value, base]) => value - base));
}

/**
 * How many times as long `of` took as `over` in the same round.
 *
 * @param {number[]} of
 * @param {number[]} over
 */
export function medianRatio(of, over) {
  return median(pairs(of, over).map(([value, base]) => value / base));
}

/**
 * @param {number[]} of
 * @param {number[]} over
 * @returns {[number, number][]}
 * @throws {RangeError} when the series are not of the same rounds
 */
function pairs(of, over) {
  if (of.length !== over.length) throw new RangeError(`${of.length} rounds against ${over.length}`);
  return of.map((value, round) => [value, /** @type {number} */ (over[round])]);
}
