import path from 'node:path';
import { compileStandalone, targetOfThisMachine, withCompiler } from '../../standalone.mjs';
import { timesOver } from '../comparison.mjs';
import { startDelayingProxy } from '../delaying-proxy.mjs';
import { takeTurns } from '../turns.mjs';
import { exampleChart, VERIFIED } from '../workspace.mjs';

/**
 * @typedef {import('../contestant.mjs').Contestant} Contestant
 * @typedef {import('../result.mjs').Result} Result
 * @typedef {import('../workspace.mjs').Workspace} Workspace
 *
 * @typedef {object} Command
 * @property {string[]} argv
 * @property {string[]} [own] further words, which a peer does not know
 * @property {RegExp} shows
 * @property {number | undefined} ofPeer the goal, as a share of the time of a peer
 */

/**
 * The standalone executable beside the same program with Node, and beside a peer if one is given.
 *
 * @type {import('../result.mjs').Case}
 */
export async function standalone(workspace) {
  const executable = path.join(workspace.directory, 'helm-sigstore');
  await withCompiler((compiler) => compileStandalone(targetOfThisMachine(), executable, compiler));
  const { log, keyring } = workspace;
  const key = ['--rekor-public-key', log.publicKey];
  /** @type {(url: string, ofPeer: number | undefined) => Command} */
  const verify = (url, ofPeer) => ({
    argv: ['verify', exampleChart, '--rekor-server', url, '--keyring', keyring],
    own: key,
    shows: VERIFIED,
    ofPeer,
  });
  const search = ['search', exampleChart, '--rekor-server', log.url];
  /** @type {Record<string, Command>} */
  const commands = {
    version: { argv: ['version'], shows: /\d/, ofPeer: 0.8 },
    search: { argv: search, own: key, shows: /^The Following Records were Found\n/, ofPeer: 1.3 },
    'verify, loopback': verify(log.url, 1.2),
  };
  const goals = new Map([
    [20, 0.75],
    [50, 0.6],
  ]);
  for (const roundTrip of workspace.plan.roundTrips) {
    const proxy = await startDelayingProxy(log.url, roundTrip);
    workspace.atEnd(async () => proxy.close());
    commands[`verify, ${roundTrip} ms round trip`] = verify(proxy.url, goals.get(roundTrip));
  }
  /** @type {Result} */
  const result = { rows: [], times: {} };
  for (const [name, command] of Object.entries(commands)) {
    const { rows, times } = await compare(name, command, executable, workspace);
    result.rows.push(...rows);
    Object.assign(result.times, times);
  }
  return result;
}

/**
 * @param {string} name
 * @param {Command} command
 * @param {string} executable
 * @param {Workspace} workspace
 * @returns {Promise<Result>}
 */
async function compare(name, { argv, own = [], shows, ofPeer }, executable, workspace) {
  const withNode = workspace.sigstore([...argv, ...own], shows);
  const { peer } = workspace.plan;
  /** @type {Record<string, Contestant>} */
  const contestants = {
    Node: withNode,
    standalone: { ...withNode, file: executable, argv: [...argv, ...own] },
    ...(peer !== undefined && { [path.basename(peer)]: { file: peer, argv, env: workspace.env, shows } }),
  };
  const { standalone: runsOfIt, ...others } = await takeTurns(contestants, workspace.plan.rounds);
  if (runsOfIt === undefined) throw new Error('the executable did not run');
  return {
    rows: Object.entries(others).map(([other, runs]) => ({
      what: `\`${name}\`, standalone over ${other}`,
      ...timesOver(runsOfIt, runs),
      atMost: other === 'Node' ? undefined : ofPeer,
    })),
    times: Object.fromEntries(
      Object.entries({ ...others, standalone: runsOfIt }).map(([who, runs]) => [`${name}: ${who}`, runs]),
    ),
  };
}
