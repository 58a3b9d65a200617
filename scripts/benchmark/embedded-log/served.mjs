// Servers of logs in processes of their own, and what requests to them cost.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileOf } from './requests.mjs';

/**
 * @typedef {object} Cost
 * @property {number} perSecond
 * @property {number} p50 milliseconds
 * @property {number} p99 milliseconds
 * @property {number} cpu of the server, in milliseconds for each request; NaN where that is not known
 * @property {number} client CPU time of those who asked, in milliseconds for each request
 */

/** @typedef {{ url: string, pid?: number | undefined, stop: () => Promise<void> }} Served */

/**
 * Serves the log in a directory.
 * @param {string} module as `bundleOf` makes it
 * @param {string} directory
 * @returns {Promise<Served>}
 */
export async function serve(module, directory) {
  const worker = path.join(import.meta.dirname, 'serve.mjs');
  const server = spawn(process.execPath, [worker, module, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(server.stdout, 'data');
  const stop = async () => {
    server.kill();
    await once(server, 'close');
  };
  return { url: String(said).trim(), pid: server.pid, stop };
}

/**
 * Sends requests from so many clients at a time, which are another process.
 * @param {Served} served
 * @param {readonly Buffer[]} requests
 * @param {{ clients: number, home: string }} options
 * @returns {Promise<Cost>}
 */
export async function load({ url, pid }, requests, { clients, home }) {
  const file = path.join(home, 'requests');
  await writeFile(file, fileOf(requests));
  const before = await cpuOf(pid);
  const worker = path.join(import.meta.dirname, 'load.mjs');
  const child = spawn(process.execPath, [worker, url, file, String(clients)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  await once(child, 'close');
  const after = await cpuOf(pid);
  await rm(file);
  const { wall, cpu, p50, p99 } = JSON.parse(text);
  const { length } = requests;
  const perSecond = (length / wall) * 1000;
  return { perSecond, p50, p99, cpu: (after - before) / length, client: cpu / length };
}

/**
 * The most memory that a process had, in MiB (Linux).
 * @param {number | undefined} pid
 */
export async function memoryOf(pid) {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmHWM:\s+([0-9]+) kB$/m.exec(status)?.[1]) / 1024;
}

/**
 * The CPU time of a process, in milliseconds (Linux).
 * @param {number | undefined} pid
 */
async function cpuOf(pid) {
  if (pid === undefined) return NaN;
  const fields = (await readFile(`/proc/${String(pid)}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
