// Measures the embedded log: durable uploads from 16 clients, proofs, and what a start, memory and a proof cost as the log grows.
//
// node scripts/benchmark/embedded-log.mjs [--uploads N] [--sizes 1024,10240] [--at DIRECTORY] [--svg FILE]
//   --uploads N   of each kind of key; 0 leaves that out
//   --sizes N,N   numbers of entries, multiples of 256; a million takes some 2 GB for a while
//   --at DIR      where the logs are made (default: the directory for temporary files)
//   --svg FILE    a plot of what grows, docs/log-growth.svg for the one that is shown
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleOf } from './embedded-log/bundle.mjs';
import { growthPlot } from './embedded-log/plot.mjs';

const CLIENTS = 16;
const { values } = parseArgs({
  options: {
    uploads: { type: 'string', default: '2000' },
    sizes: { type: 'string', default: '1024,10240,102400' },
    at: { type: 'string', default: tmpdir() },
    svg: { type: 'string' },
  },
});
const EXPORTS = [
  "export { Log } from './src/embedded-log/log.ts';",
  "export { startEmbeddedLog } from './src/embedded-log/server.ts';",
  "export { makeLog } from './scripts/benchmark/embedded-log/bulk-writer.ts';",
  "export { createSigner } from './test/support/signer.ts';",
  "export { proposedEntry } from './src/rekor/helm-entry.ts';",
];

const home = await mkdtemp(path.join(values.at, 'helm-sigstore-benchmark-'));
try {
  const module = await bundleOf(home, EXPORTS.join('\n'));
  const uploads = Number(values.uploads);
  for (const algorithm of /** @type {const} */ (['ed25519', 'rsa3072']))
    if (uploads > 0) await measureUploads(module, algorithm, uploads);
  const grown = [];
  for (const size of values.sizes
    .split(',')
    .map(Number)
    .filter((number) => number > 0))
    grown.push(await measureGrown(module, size));
  if (values.svg !== undefined) await writeFile(values.svg, growthPlot(grown));
} finally {
  await rm(home, { recursive: true, force: true });
}

/**
 * @param {string} module
 * @param {'ed25519' | 'rsa3072'} algorithm
 * @param {number} count
 */
async function measureUploads(module, algorithm, count) {
  const { createSigner, proposedEntry } = await import(module);
  const signer = await createSigner({ algorithm });
  /** @type {string[]} */
  const bodies = [];
  for (let number = 0; number < count; number++) {
    const provenance = await signer.sign('chart', `1.0.${number}`, Buffer.from(`${number}`));
    bodies.push(JSON.stringify(proposedEntry(provenance, signer.certificate)));
  }
  const server = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'embedded-log/serve.mjs'), module, path.join(home, algorithm)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [said] = await once(server.stdout, 'data');
  const url = String(said).trim();
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const before = await cpuOf(server.pid);
  const times = await inParallel(bodies, (body) => ask(agent, `${url}/api/v1/log/entries`, body));
  const uploaded = summary(times, count);
  const between = await cpuOf(server.pid);
  const proofs = await inParallel(bodies, (_, at) => ask(agent, `${url}/api/v1/log/entries?logIndex=${at}`));
  const after = await cpuOf(server.pid);
  const read = summary(proofs, count);
  console.log(
    `${algorithm}: ${uploaded.perSecond.toFixed(0)} uploads/s, p50 ${uploaded.p50.toFixed(1)} ms, p99 ${uploaded.p99.toFixed(1)} ms, ` +
      `${((between - before) / count).toFixed(2)} ms of CPU each; ${read.perSecond.toFixed(0)} proofs/s, p99 ${read.p99.toFixed(1)} ms, ` +
      `${((after - between) / count).toFixed(2)} ms of CPU each`,
  );
  agent.destroy();
  server.kill();
  await once(server, 'close');
}

/**
 * @param {string} module
 * @param {number} size
 * @returns {Promise<import('./embedded-log/plot.mjs').Grown>}
 */
async function measureGrown(module, size) {
  const directory = path.join(home, `grown-${size}`);
  const { makeLog } = await import(module);
  await makeLog(directory, size);
  const worker = path.join(import.meta.dirname, 'embedded-log/measure-open.mjs');
  const child = spawn(process.execPath, [worker, module, directory, '3000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  await once(child, 'close');
  const { opened, memoryAtStart, memory, read, proofs } = JSON.parse(text);
  await rm(directory, { recursive: true });
  const grown = { size, start: opened.cpu, proof: (read.cpu / proofs) * 1000, memory: memory / 2 ** 20 };
  console.log(
    `${size} entries: start ${opened.cpu.toFixed(0)} ms of CPU (${opened.wall.toFixed(0)} ms), ` +
      `${(memoryAtStart / 2 ** 20).toFixed(0)} MiB then, ${grown.memory.toFixed(0)} MiB at most; a proof ${grown.proof.toFixed(0)} µs of CPU`,
  );
  return grown;
}

/**
 * @param {readonly string[]} items
 * @param {(item: string, at: number) => Promise<void>} work
 * @returns {Promise<number[]>} milliseconds of each, and of all at the end
 */
async function inParallel(items, work) {
  /** @type {number[]} */
  const times = [];
  let next = 0;
  const began = performance.now();
  const client = async () => {
    for (let at = next++; at < items.length; at = next++) {
      const start = performance.now();
      await work(items[at] ?? '', at);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return [...times, performance.now() - began];
}

/**
 * @param {number[]} times
 * @param {number} count
 */
function summary(times, count) {
  const all = times.pop() ?? 0;
  const sorted = times.sort((a, b) => a - b);
  const at = (/** @type {number} */ part) => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
  return { perSecond: (count / all) * 1000, p50: at(0.5), p99: at(0.99) };
}

/**
 * @param {Agent} agent
 * @param {string} url
 * @param {string} [body]
 * @returns {Promise<void>}
 */
async function ask(agent, url, body) {
  const headers =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  await new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: body === undefined ? 'GET' : 'POST', headers }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode === 200 || answer.statusCode === 201) resolve(undefined);
        else reject(new Error(`expected 200 or 201, found ${String(answer.statusCode)}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * The CPU time of a process, in milliseconds (Linux).
 * @param {number | undefined} pid
 */
async function cpuOf(pid) {
  const { readFile } = await import('node:fs/promises');
  const fields = (await readFile(`/proc/${String(pid)}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
