import { median } from '../statistics.mjs';
import { takeTurns } from '../turns.mjs';

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
  const times = {
    '`verify` of 1 chart': Object.values(alone).flat(),
    [`\`verify\` of ${COUNT} charts`]: together,
  };
  return {
    rows: [
      {
        what: `${COUNT} calls over one call with ${COUNT} charts`,
        measured: (COUNT * median(Object.values(alone).flat())) / median(together),
        unit: 'times',
        atLeast: 25,
      },
      { what: 'one call, for each chart', measured: median(together) / COUNT, unit: 'ms', atMost: 4 },
    ],
    times,
  };
}
