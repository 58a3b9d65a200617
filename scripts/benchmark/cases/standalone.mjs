import path from 'node:path';
import { compileStandalone, targetOfThisMachine, withCompiler } from '../../standalone.mjs';
import { timeOver, timesOver } from '../comparison.mjs';
import { startDelayingProxy } from '../delaying-proxy.mjs';
import { bareNode, helmVerify } from '../peers.mjs';
import { asExecutable, COUNT, largeArchive, manyCharts } from '../products.mjs';
import { startRekor } from '../real-rekor.mjs';
import { PEER } from '../result.mjs';
import { takeTurns } from '../turns.mjs';
import { exampleChart, VERIFIED } from '../workspace.mjs';

/**
 * @typedef {import('../contestant.mjs').Contestant} Contestant
 * @typedef {import('../plan.mjs').Log} Log
 * @typedef {import('../result.mjs').Beside} Beside
 * @typedef {import('../result.mjs').Result} Result
 * @typedef {import('../result.mjs').Row} Row
 * @typedef {import('../turns.mjs').Runs} Runs
 * @typedef {import('../workspace.mjs').Workspace} Workspace
 *
 * @typedef {{ over: string, times: number } | { over: string, more: number }} Goal `over`: who ran in turns with it
 *
 * @typedef {object} Command
 * @property {string[]} argv
 * @property {string[]} [own] further words, which a peer does not know
 * @property {RegExp} shows
 * @property {boolean} [isPeers] whether a peer knows it
 * @property {Record<string, Contestant | undefined>} [beside] who else does it
 * @property {{ standalone?: Goal | undefined, Node?: Goal | undefined }} goals
 */

const BARE = 'bare Node';

/**
 * The standalone executable beside the same program with Node, and beside a peer if one is given.
 *
 * @type {import('../result.mjs').Case}
 */
export async function standalone(workspace) {
  const executable = path.join(workspace.directory, 'helm-sigstore');
  await withCompiler((compiler) => compileStandalone(targetOfThisMachine(), executable, compiler));
  const helm = await helmVerify(workspace);
  /** @type {Record<string, Command>} */
  const commands = {
    version: {
      argv: ['version'],
      shows: /\d/,
      isPeers: true,
      goals: { standalone: { over: PEER, times: 0.8 }, Node: { over: BARE, more: 15 } },
    },
    ...(await commandsOfLog(workspace, workspace.log, '')),
    inspect: {
      argv: ['inspect', exampleChart, '--keyring', workspace.keyring],
      shows: /./,
      beside: { 'helm verify': helm },
      goals: { standalone: { over: 'helm verify', times: 1 }, Node: { over: 'helm verify', times: 1.8 } },
    },
  };
  if (workspace.plan.withRekor) {
    const log = await startRekor();
    workspace.atEnd(log.stop);
    await workspace.uploadExample(log);
    Object.assign(commands, await commandsOfLog(workspace, log, ', real Rekor'));
  }
  /** @type {Result} */
  const result = { rows: [], times: {}, beside: {} };
  const add = (/** @type {string} */ name, /** @type {Row[]} */ rows, /** @type {Beside[string]} */ all) => {
    result.rows.push(...rows);
    result.beside = { ...result.beside, [name]: all };
  };
  for (const [name, command] of Object.entries(commands)) {
    const all = await compare(command, executable, workspace);
    // Also where it is not there: its column says so.
    const shown = command.isPeers ? { [PEER]: undefined, ...all } : all;
    add(`\`${name}\``, goalsOf(name, command, all), shown);
  }
  const many = await manyCharts(executable, workspace);
  add(`\`verify\`, ${COUNT} charts`, many.rows, many.all);
  const large = await largeArchive(executable, workspace);
  add('`verify`, 64 MiB', large.rows, large.all);
  return result;
}

/**
 * What is asked of a log: on loopback, and over longer ways.
 *
 * @param {Workspace} workspace
 * @param {Log} log
 * @param {string} which for the names of the commands
 * @returns {Promise<Record<string, Command>>}
 */
async function commandsOfLog(workspace, log, which) {
  const { keyring, plan } = workspace;
  const own = ['--rekor-public-key', log.publicKey];
  /** @type {(url: string, goals: Command['goals']) => Command} */
  const verify = (url, goals) => ({
    argv: ['verify', exampleChart, '--rekor-server', url, '--keyring', keyring],
    ...{ own, shows: VERIFIED, isPeers: true, goals },
  });
  /** @type {Record<string, Command>} */
  const commands = {
    [`search${which}`]: {
      argv: ['search', exampleChart, '--rekor-server', log.url],
      ...{ own, shows: /^The Following Records were Found\n/, isPeers: true },
      goals: { standalone: { over: PEER, times: 1.3 }, Node: { over: BARE, more: 70 } },
    },
    [`verify${which}`]: verify(log.url, {
      standalone: { over: PEER, times: 1.2 },
      Node: { over: BARE, more: 100 },
    }),
  };
  /** @type {Map<number, Command['goals']>} */
  const goals = new Map([
    [20, { standalone: { over: PEER, times: 0.75 }, Node: { over: PEER, times: 1.2 } }],
    [50, { standalone: { over: PEER, times: 0.6 }, Node: { over: PEER, times: 0.75 } }],
  ]);
  for (const roundTrip of plan.roundTrips) {
    const proxy = await startDelayingProxy(log.url, roundTrip);
    workspace.atEnd(async () => proxy.close());
    commands[`verify at ${roundTrip} ms${which}`] = verify(proxy.url, goals.get(roundTrip) ?? {});
  }
  return commands;
}

/**
 * @param {Command} command
 * @param {string} executable
 * @param {Workspace} workspace
 * @returns {Promise<Record<string, Runs>>}
 */
async function compare({ argv, own = [], shows, isPeers = false, beside = {} }, executable, workspace) {
  const withNode = workspace.sigstore([...argv, ...own], shows);
  const { peer, rounds } = workspace.plan;
  /** @type {Record<string, Contestant>} */
  const contestants = {
    ...(isPeers && peer !== undefined && { [PEER]: { file: peer, argv, env: workspace.env, shows } }),
    standalone: asExecutable(withNode, executable),
    Node: withNode,
    [BARE]: bareNode(workspace),
  };
  for (const [name, contestant] of Object.entries(beside))
    if (contestant !== undefined) contestants[name] = contestant;
  return await takeTurns(contestants, rounds);
}

/**
 * @param {string} name
 * @param {Command} command
 * @param {Record<string, Runs>} all
 * @returns {Row[]}
 */
function goalsOf(name, { goals }, all) {
  return Object.entries(goals).flatMap(([product, goal]) => {
    const [own, other] = [all[product], goal && all[goal.over]];
    if (goal === undefined || own === undefined) return [];
    const isRatio = 'times' in goal;
    /** @type {Pick<Row, 'measured' | 'cpu' | 'unit'>} */
    const unknown = { measured: undefined, unit: isRatio ? 'times' : 'ms more' };
    const found = other === undefined ? unknown : (isRatio ? timesOver : timeOver)(own, other);
    const what = `\`${name}\`, ${product} over ${goal.over}`;
    return { what, ...found, atMost: isRatio ? goal.times : goal.more };
  });
}
