// The standalone executable and Node with much to do: many charts, a large archive.
import { timesOver } from './comparison.mjs';
import { opensslDigest } from './peers.mjs';
import { mean, median } from './statistics.mjs';
import { medianPeak, takeTurns } from './turns.mjs';

/**
 * @typedef {import('./contestant.mjs').Contestant} Contestant
 * @typedef {import('./result.mjs').Row} Row
 * @typedef {import('./workspace.mjs').Workspace} Workspace
 */

/** Charts in one call. */
export const COUNT = 1000;
const SIZE = 2 ** 26;

/**
 * `verify` of many charts in one call.
 *
 * @param {string} executable
 * @param {Workspace} workspace
 */
export async function manyCharts(executable, workspace) {
  const withNode = workspace.verify(await workspace.publish(COUNT));
  const contestants = { standalone: asExecutable(withNode, executable), Node: withNode };
  const all = await takeTurns(contestants, Math.ceil(workspace.plan.rounds / 7));
  /** @type {(product: keyof typeof all, atMost: number) => Row} */
  const row = (product, atMost) => ({
    what: `\`verify\` of ${COUNT} charts, ${product}, for each`,
    measured: median(all[product].elapsed) / COUNT,
    cpu: mean(all[product].cpu) / COUNT,
    ...{ unit: 'ms', atMost },
  });
  return { all, rows: [row('standalone', 2.5), row('Node', 4)] };
}

/**
 * `verify` of an archive as large as Helm takes one, over what hashing it costs: in time, and in memory.
 *
 * @param {string} executable
 * @param {Workspace} workspace
 */
export async function largeArchive(executable, workspace) {
  const { chart, keyring, sha256 } = await workspace.publishLarge(SIZE);
  const [large, small] = [workspace.verify({ charts: [chart], keyring }), workspace.verify()];
  const products = { standalone: asExecutable(large, executable), Node: large };
  const { smallStandalone, smallNode, ...all } = await takeTurns(
    {
      ...products,
      openssl: opensslDigest(workspace, chart, sha256),
      ...{ smallStandalone: asExecutable(small, executable), smallNode: small },
    },
    Math.ceil(workspace.plan.rounds / 4),
  );
  const startUp = { standalone: smallStandalone, Node: smallNode };
  /** @type {Row[]} */
  const rows = [];
  for (const [product, atMost] of /** @type {const} */ ([
    ['standalone', 110],
    ['Node', 100],
  ])) {
    const of = all[product];
    const [elapsed, cpu] = [median(startUp[product].elapsed), mean(startUp[product].cpu)];
    const hashing = {
      elapsed: of.elapsed.map((each) => each - elapsed),
      cpu: of.cpu.map((each) => each - cpu),
    };
    const what = `64 MiB archive, start-up taken off, ${product} over openssl`;
    const memory = await medianPeak(products[product]);
    rows.push({ what, ...timesOver(hashing, all.openssl), atMost: 1.3 });
    rows.push({ what: `the same, peak memory of ${product}`, measured: memory, unit: 'MiB', atMost });
  }
  return { all, rows };
}

/**
 * The same command line by the executable.
 *
 * @param {Contestant} withNode
 * @param {string} executable
 * @returns {Contestant}
 */
export function asExecutable({ argv: [, ...argv], ...rest }, executable) {
  return { ...rest, file: executable, argv };
}
