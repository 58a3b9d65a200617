// Contestants run in turns, A B A B, so that what else the machine does meets all of them alike.
import { peakMemory, time } from './contestant.mjs';
import { median } from './statistics.mjs';

/**
 * @typedef {import('./contestant.mjs').Contestant} Contestant
 *
 * @typedef {object} Runs what the runs of one contestant took, in milliseconds and in the order of the rounds
 * @property {number[]} elapsed
 * @property {number[]} cpu
 */

/**
 * Times every contestant once a round, after one round that only warms up.
 *
 * @template {string} Name
 * @param {Record<Name, Contestant>} contestants
 * @param {number} rounds
 * @returns {Promise<Record<Name, Runs>>}
 */
export async function takeTurns(contestants, rounds) {
  /** @type {Partial<Record<Name, Runs>>} */
  const all = {};
  /** @type {{ contestant: Contestant, runs: Runs }[]} */
  const lanes = [];
  for (const name in contestants) {
    const runs = { elapsed: [], cpu: [] };
    all[name] = runs;
    lanes.push({ contestant: contestants[name], runs });
  }
  for (const { contestant } of lanes) await time(contestant);
  for (let round = 0; round < rounds; round++)
    for (const { contestant, runs } of lanes) {
      const { elapsed, cpu } = await time(contestant);
      runs.elapsed.push(elapsed);
      runs.cpu.push(cpu);
    }
  return /** @type {Record<Name, Runs>} */ (all);
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
