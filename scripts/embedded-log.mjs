// The embedded log as a process of its own: `helm sigstore log serve` of dist/, on a free loopback port. Used by the
// quickstart and the end-to-end tests.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export const launcher = path.join(import.meta.dirname, '..', 'bin', 'helm-sigstore');

/**
 * @typedef {object} RunningLog
 * @property {string} url
 * @property {string} publicKey the PEM file
 * @property {string} output what it printed
 * @property {number} pid
 * @property {() => Promise<void>} stop
 */

/**
 * Starts the log and waits until it serves. It writes into a file, so that it can outlive who started it; it is
 * `detached` when it shall, and then a Ctrl-C in the terminal does not reach it.
 *
 * @param {string} directory where it keeps everything
 * @param {NodeJS.ProcessEnv} env
 * @param {{ detached?: boolean, program?: string }} [options] `program`: that of an installed plugin, in place of the checkout's
 * @returns {Promise<RunningLog>}
 */
export async function startLog(directory, env, { detached = false, program } = {}) {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, 'output.txt');
  const output = openSync(file, 'w');
  const [command, ...first] = program === undefined ? [process.execPath, launcher] : [program];
  const child = spawn(command, [...first, ...serveArguments(directory)], {
    env,
    detached,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = once(child, 'exit');
  const stop = async () => {
    child.ref();
    child.kill();
    await ended;
  };
  child.unref();

  for (let tries = 0; tries < 400 && child.exitCode === null; tries++) {
    const printed = await readFile(file, 'utf8');
    const [, url, publicKey] = /^Serving on (\S+)\nPublic Key: (.+)\n/m.exec(printed) ?? [];
    if (url !== undefined && publicKey !== undefined && child.pid !== undefined) {
      return { url, publicKey, output: printed, pid: child.pid, stop };
    }
    await wait(50);
  }
  child.kill();
  throw new Error(`the log does not serve; it printed: ${await readFile(file, 'utf8')}`);
}

/** @param {string} directory */
export function serveArguments(directory) {
  return ['log', 'serve', '--dir', directory, '--listen', '127.0.0.1:0'];
}
