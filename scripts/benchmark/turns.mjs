// Contestants run in turns, A B A B, so that what else the machine does meets all of them alike.
import { peakMemory, time } from './contestant.mjs';
import { median } from './statistics.mjs';

/** @typedef {import('./contestant.mjs').Contestant} Contestant */

/**
 * Times every contestant once a round, after one round that only warms up.
 *
 * @template {string} Name
 * @param {Record<Name, Contestant>} contestants
 * @param {number} rounds
 * @returns {Promise<Record<Name, number[]>>} milliseconds, in the order of the rounds
 */
export async function takeTurns(contestants, rounds) {
  /** @type {[Name, Contestant, number[]][]} */
  const lanes = [];
  for (const name in contestants) lanes.push([name, contestants[name], []]);
  for (const [, contestant] of lanes) await time(contestant);
  for (let round = 0; round < rounds; round++)
    for (const [, contestant, times] of lanes) times.push(await time(contestant));
  return /** @type {Record<Name, number[]>} */ (
    Object.fromEntries(lanes.map(([name, , times]) => [name, times]))
  );
}

/**
 * The median peak memory of a few runs; memory varies less than time.
 *
 * @param {Contestant} contestant a program of Node
 * @returns {Promise<number>} MiB
 */
export async function medianPeak(contestant) {
  const peaks = [];
  for (let round = 0; round < 3; round++) peaks.push(await peakMemory(contestant));
  return median(peaks);
}
