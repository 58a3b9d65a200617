// What two contestants that took turns say of each other, as the values of a row. Beside the elapsed time, which counts,
// stands CPU time, which shows how far a busy machine spoilt it.
import { mean, medianDifference, medianRatio } from './statistics.mjs';

/** @typedef {import('./turns.mjs').Runs} Runs */

/**
 * By how much more `of` took than `over` and so many milliseconds of waiting.
 *
 * @param {Runs} of
 * @param {Runs} over
 * @param {number} [waiting]
 */
export function timeOver(of, over, waiting = 0) {
  return {
    unit: /** @type {const} */ ('ms more'),
    measured: medianDifference(of.elapsed, over.elapsed) - waiting,
    cpu: mean(of.cpu) - mean(over.cpu),
  };
}

/**
 * How many times as long `of` took as `over`.
 *
 * @param {Runs} of
 * @param {Runs} over
 */
export function timesOver(of, over) {
  return {
    unit: /** @type {const} */ ('times'),
    measured: medianRatio(of.elapsed, over.elapsed),
    cpu: mean(of.cpu) / mean(over.cpu),
  };
}
