import { timeOver } from '../comparison.mjs';
import { bareNode, verifiers } from '../peers.mjs';
import { medianPeak, takeTurns } from '../turns.mjs';

/**
 * One chart on loopback, against what a user would run instead.
 *
 * @type {import('../result.mjs').Case}
 */
export async function verify(workspace) {
  const program = workspace.verify();
  const times = await takeTurns(
    { 'node -e 0': bareNode(workspace), verify: program, ...(await verifiers(workspace)) },
    workspace.plan.rounds,
  );
  return {
    rows: [
      {
        what: '`verify`, one request, loopback, over bare node',
        ...timeOver(times.verify, times['node -e 0']),
        atMost: 80,
      },
      { what: 'peak memory of `verify`', measured: await medianPeak(program), unit: 'MiB', atMost: 75 },
    ],
    times,
  };
}
