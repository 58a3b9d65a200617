import { timeOver } from '../comparison.mjs';
import { bareNode } from '../peers.mjs';
import { takeTurns } from '../turns.mjs';
import { exampleChart } from '../workspace.mjs';

/**
 * Commands that need little: what it costs to start.
 *
 * @type {import('../result.mjs').Case}
 */
export async function start(workspace) {
  const node = bareNode(workspace);
  const times = await takeTurns(
    {
      'node -e 0': node,
      version: workspace.sigstore(['version'], /^helm-sigstore \d|^v?\d/),
      '--help': workspace.sigstore(['--help'], /^Usage: helm sigstore COMMAND/),
      search: workspace.sigstore(
        ['search', exampleChart, ...workspace.trust()],
        /^The Following Records were Found\n/,
      ),
    },
    workspace.plan.rounds,
  );
  const over = (/** @type {keyof typeof times} */ name) => timeOver(times[name], times['node -e 0']);
  return {
    rows: [
      { what: '`version` over bare node', ...over('version'), atMost: 12 },
      { what: '`--help` over bare node', ...over('--help'), atMost: 12 },
      { what: '`search` over bare node', ...over('search'), atMost: 25 },
    ],
    times,
  };
}
