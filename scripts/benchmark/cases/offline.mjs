import { timeOver } from '../comparison.mjs';
import { time } from '../contestant.mjs';
import { startDelayingProxy } from '../delaying-proxy.mjs';
import { bareNode } from '../peers.mjs';
import { mean, median } from '../statistics.mjs';
import { takeTurns } from '../turns.mjs';

const COUNT = 1000;

/**
 * Charts with their evidence beside them: without the network, and how often the log is asked with it.
 *
 * @type {import('../result.mjs').Case}
 */
export async function offline(workspace) {
  const { charts, keyring } = await workspace.publish(COUNT, { keepsEvidence: true });
  const one = { charts: charts.slice(0, 1), keyring };
  const times = await takeTurns(
    { 'node -e 0': bareNode(workspace), 'verify --offline': workspace.verify({ ...one, isOffline: true }) },
    workspace.plan.rounds,
  );
  const { all } = await takeTurns(
    { all: workspace.verify({ charts, keyring, isOffline: true }) },
    Math.ceil(workspace.plan.rounds / 7),
  );
  return {
    rows: [
      {
        what: '`verify --offline`, one chart, over bare node',
        ...timeOver(times['verify --offline'], times['node -e 0']),
        atMost: 45,
      },
      {
        what: `${COUNT} charts offline in one call, for each chart`,
        measured: median(all.elapsed) / COUNT,
        cpu: mean(all.cpu) / COUNT,
        unit: 'ms',
        atMost: 3,
      },
      {
        what: 'requests of `verify` with evidence',
        measured: await requestsOf(workspace, one),
        unit: 'requests',
        atMost: 1,
      },
    ],
    times: { ...times, [`verify --offline, ${COUNT} charts`]: all },
  };
}

/**
 * @param {import('../workspace.mjs').Workspace} workspace
 * @param {{ charts: string[], keyring: string }} what
 */
async function requestsOf(workspace, what) {
  const proxy = await startDelayingProxy(workspace.log.url, 0);
  try {
    const { before, ...again } = workspace.verify({ ...what, url: proxy.url });
    await before?.();
    await time(again);
    return proxy.requests();
  } finally {
    await proxy.close();
  }
}
