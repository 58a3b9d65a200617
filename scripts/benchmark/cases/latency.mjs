import { cp } from 'node:fs/promises';
import path from 'node:path';
import { timeOver, timesOver } from '../comparison.mjs';
import { time } from '../contestant.mjs';
import { startDelayingProxy } from '../delaying-proxy.mjs';
import { bareNode, peerVerify } from '../peers.mjs';
import { takeTurns } from '../turns.mjs';

/**
 * @typedef {import('../result.mjs').Result} Result
 * @typedef {import('../workspace.mjs').Workspace} Workspace
 */

/** The goals by round trip, in milliseconds and as a share of a peer's time. */
const goals = new Map([
  [20, { more: 45, ofPeer: 0.9 }],
  [50, { more: 25, ofPeer: 0.65 }],
]);

/**
 * One chart over a network with latency: without history, and with a history that the log has outgrown.
 *
 * @type {import('../result.mjs').Case}
 */
export async function latency(workspace) {
  /** @type {Result} */
  const result = { rows: [], times: {} };
  for (const roundTrip of workspace.plan.roundTrips) {
    const proxy = await startDelayingProxy(workspace.log.url, roundTrip);
    const { rows, times } = await over(proxy.url, roundTrip, workspace).finally(proxy.close);
    result.rows.push(...rows);
    for (const [name, runs] of Object.entries(times))
      result.times[`${name}, ${roundTrip} ms round trip`] = runs;
  }
  return result;
}

/**
 * @param {string} url
 * @param {number} roundTrip
 * @param {Workspace} workspace
 * @returns {Promise<Result>}
 */
async function over(url, roundTrip, workspace) {
  const verify = workspace.verify({ url });
  const remembered = path.join(workspace.directory, `remembered-${roundTrip}`);
  await time(verify);
  await cp(workspace.state, remembered, { recursive: true });
  await workspace.publish(1);
  const outgrown = {
    ...verify,
    before: async () => {
      await verify.before?.();
      await cp(remembered, workspace.state, { recursive: true });
    },
  };

  const peers = peerVerify(workspace, url);
  const times = await takeTurns(
    { 'node -e 0': bareNode(workspace), verify, 'verify, log grown': outgrown, ...peers },
    workspace.plan.rounds,
  );
  const { 'node -e 0': node, verify: unremembering, 'verify, log grown': remembering, ...others } = times;
  /** @type {[string, import('../turns.mjs').Runs][]} */
  const peerRuns = Object.entries(others);
  const goal = goals.get(roundTrip);
  const program = `\`verify\` at ${roundTrip} ms round trip`;
  return {
    rows: [
      {
        what: `${program}, over bare node and 2 round trips`,
        ...timeOver(unremembering, node, 2 * roundTrip),
        atMost: goal?.more,
      },
      {
        what: 'the same on a grown log, over that and 1 round trip',
        ...timeOver(remembering, unremembering, roundTrip),
        atMost: 5,
      },
      ...peerRuns.map(([peer, runs]) => ({
        what: `${program}, over ${peer}`,
        ...timesOver(unremembering, runs),
        atMost: goal?.ofPeer,
      })),
    ],
    times,
  };
}
