import { mean, median } from '../statistics.mjs';
import { takeTurns } from '../turns.mjs';

/** @typedef {import('../turns.mjs').Runs} Runs */

const COUNT = 1000;
/** Runs with one chart for each run with all. */
const SINGLE_RUNS = 7;

/**
 * Many charts in one call, over a call for each; of the latter, a sample.
 *
 * @type {import('../result.mjs').Case}
 */
export async function manyCharts(workspace) {
  const { charts, keyring } = await workspace.publish(COUNT);
  const all = workspace.verify({ charts, keyring });
  const one = workspace.verify({ charts: charts.slice(-1), keyring });
  const singles = Object.fromEntries(Array.from({ length: SINGLE_RUNS }, (_, run) => [run, one]));
  const { all: together, ...alone } = await takeTurns(
    { ...singles, all },
    Math.ceil(workspace.plan.rounds / SINGLE_RUNS),
  );
  const singly = joined(Object.values(alone));
  const perChart = median(together.elapsed) / COUNT;
  return {
    rows: [
      {
        what: `${COUNT} calls over one call with ${COUNT} charts`,
        measured: median(singly.elapsed) / perChart,
        cpu: mean(singly.cpu) / (mean(together.cpu) / COUNT),
        unit: 'times',
        atLeast: 25,
      },
      {
        what: 'one call, for each chart',
        measured: perChart,
        cpu: mean(together.cpu) / COUNT,
        unit: 'ms',
        atMost: 4,
      },
    ],
    times: { 'verify, 1 chart': singly, [`verify, ${COUNT} charts`]: together },
  };
}

/**
 * @param {Runs[]} all
 * @returns {Runs}
 */
function joined(all) {
  return { elapsed: all.flatMap(({ elapsed }) => elapsed), cpu: all.flatMap(({ cpu }) => cpu) };
}
