// What is measured: a whole process, from its start to the end of its output. A run that does not do its job is no
// measurement, but an error.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * @typedef {object} Contestant
 * @property {string} file the program
 * @property {string[]} argv
 * @property {NodeJS.ProcessEnv} env all of it: nothing is inherited
 * @property {RegExp | string} shows what its output has to match, or to hold
 * @property {(() => Promise<void>)} [before] what precedes each run and is not timed
 */

const run = promisify(execFile);
const memoryHook = path.join(import.meta.dirname, 'report-memory.cjs');

/**
 * Runs it once.
 *
 * @param {Contestant} contestant
 * @returns {Promise<{ elapsed: number, cpu: number }>} milliseconds
 * @throws {Error} when its status is not 0 or its output another one
 */
export async function time(contestant) {
  await contestant.before?.();
  const cpuBefore = cpuOfChildren();
  const start = performance.now();
  const output = await run(contestant.file, contestant.argv, settings(contestant));
  const elapsed = performance.now() - start;
  requireOutput(contestant, output);
  return { elapsed, cpu: cpuOfChildren() - cpuBefore };
}

/**
 * Runs a program of Node, or the standalone executable, once, with a hook that costs time: never in a run that is timed.
 *
 * @param {Contestant} contestant
 * @returns {Promise<number>} the most memory that was resident, in MiB; Linux only
 * @throws {Error} as `time` does
 */
export async function peakMemory(contestant) {
  await contestant.before?.();
  const { file, argv, env } = contestant;
  const output =
    file === process.execPath
      ? await run(file, ['--require', memoryHook, ...argv], settings(contestant))
      : await run(file, argv, settings({ env: { ...env, BUN_OPTIONS: `--preload ${memoryHook}` } }));
  requireOutput(contestant, output);
  return Number(/^peak (\d+) KiB$/m.exec(output.stderr)?.[1]) / 1024;
}

/**
 * CPU time of all programs that this process ran to their end, in milliseconds, ten of which are one tick: of a single
 * run it says little, of the mean of many it is right. Other work on the machine hardly changes it. Linux only.
 */
function cpuOfChildren() {
  const [, fields = ''] = readFileSync('/proc/self/stat', 'latin1').split(') ');
  const [user, system] = fields.split(' ').slice(13, 15).map(Number);
  return 10 * ((user ?? 0) + (system ?? 0));
}

/** @param {Pick<Contestant, 'env'>} contestant */
function settings({ env }) {
  return { env, maxBuffer: 1 << 26 };
}

/**
 * @param {Contestant} contestant
 * @param {{ stdout: string, stderr: string }} output
 */
function requireOutput({ file, argv, shows }, { stdout, stderr }) {
  if (typeof shows === 'string' ? stdout.includes(shows) : shows.test(stdout)) return;
  const command = [file, ...argv.slice(0, 10)].join(' ');
  throw new Error(`${command}: expected output with ${shows}, found ${stdout || stderr}`);
}
