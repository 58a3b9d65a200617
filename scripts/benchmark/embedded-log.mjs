// Measures the embedded log: durable uploads from 16 clients, proofs, and what a start, memory and a proof cost as the log grows.
//
// node scripts/benchmark/embedded-log.mjs [--uploads N] [--publishers N] [--rounds N] [--before CHECKOUT] [--rekor]
//                                         [--sizes 1024,10240] [--at DIRECTORY] [--svg FILE]
//   --uploads N      of each kind of key, after as many again to warm up; 0 leaves that out
//   --publishers N   how many keys they are signed with (default: 1); the server remembers keys
//   --rounds N       how often all of that is done (default: 1), each time with a new log
//   --before DIR     another checkout, whose log is measured in turns with this one
//   --rekor          a real Rekor as well, with its database, as the tests of interoperability start it
//   --sizes N,N      numbers of entries, multiples of 256; a million takes some 2 GB for a while
//   --at DIR         where the logs are made (default: the directory for temporary files)
//   --svg FILE       a plot of what grows, docs/log-growth.svg for the one that is shown
//
// On a machine that does other work, compare CPU times only, and only those of one run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleOf } from './embedded-log/bundle.mjs';
import { growthPlot } from './embedded-log/plot.mjs';
import { requestOf } from './embedded-log/requests.mjs';
import { load, memoryOf, serve } from './embedded-log/served.mjs';
import { startRekor } from './real-rekor.mjs';

const CLIENTS = 16;
const PROOFS = 3000;
const { values } = parseArgs({
  options: {
    uploads: { type: 'string', default: '2000' },
    publishers: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    before: { type: 'string' },
    rekor: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '1024,10240,102400' },
    at: { type: 'string', default: tmpdir() },
    svg: { type: 'string' },
  },
});
const EXPORTS = [
  "export { Log } from './src/embedded-log/log/log.ts';",
  "export { startEmbeddedLog } from './src/embedded-log/service/server.ts';",
  "export { makeLog } from './scripts/benchmark/embedded-log/bulk-writer.ts';",
  "export { createSigner } from './test/support/signer.ts';",
  "export { proposedEntry } from './src/rekor/helm-entry.ts';",
].join('\n');

const home = await mkdtemp(path.join(values.at, 'helm-sigstore-benchmark-'));
try {
  const module = await bundleOf(home, EXPORTS);
  /** @type {[name: string, module: string][]} */
  const logs = [['this', module]];
  if (values.before !== undefined) {
    await mkdir(path.join(home, 'before'));
    logs.unshift(['before', await bundleOf(path.join(home, 'before'), EXPORTS, values.before)]);
  }
  if (Number(values.uploads) > 0)
    for (const algorithm of /** @type {const} */ (['ed25519', 'rsa3072'])) {
      const uploads = await uploadsOf(module, algorithm);
      for (let round = 0; round < Number(values.rounds); round++)
        for (const [name, bundle] of logs) await measureUploads(`${algorithm}, ${name}`, bundle, uploads);
      if (values.rekor) await measureRekor(`${algorithm}, Rekor`, uploads);
    }
  const grown = [];
  for (const size of values.sizes.split(',').map(Number))
    if (size > 0) grown.push(await measureGrown(module, size));
  if (values.svg !== undefined) await writeFile(values.svg, growthPlot(grown));
} finally {
  await rm(home, { recursive: true, force: true });
}

/**
 * Twice as many uploads as are measured.
 * @param {string} module
 * @param {'ed25519' | 'rsa3072'} algorithm
 */
async function uploadsOf(module, algorithm) {
  const { createSigner, proposedEntry } = await import(module);
  const signers = [];
  for (let number = 0; number < Number(values.publishers); number++)
    signers.push(await createSigner({ algorithm }));
  const requests = [];
  for (let number = 0; number < 2 * Number(values.uploads); number++) {
    const signer = signers[number % signers.length];
    const provenance = await signer.sign('chart', `1.0.${number}`, Buffer.from(`${number}`));
    const entry = JSON.stringify(proposedEntry(provenance, signer.certificate));
    requests.push(requestOf('/api/v1/log/entries', entry));
  }
  return requests;
}

/**
 * @param {string} name
 * @param {string} module
 * @param {readonly Buffer[]} uploads
 */
async function measureUploads(name, module, uploads) {
  const directory = await mkdtemp(path.join(home, 'log-'));
  const served = await serve(module, directory);
  await measure(name, served, uploads);
  const memory = await memoryOf(served.pid);
  console.log(`${name}: ${memory.toFixed(0)} MiB of memory at most, with ${uploads.length} entries`);
  await served.stop();
  await rm(directory, { recursive: true });
}

/**
 * @param {string} name
 * @param {readonly Buffer[]} uploads
 */
async function measureRekor(name, uploads) {
  const rekor = await startRekor();
  try {
    await measure(name, rekor, uploads);
  } finally {
    await rekor.stop();
  }
}

/**
 * @param {string} name
 * @param {import('./embedded-log/served.mjs').Served} served
 * @param {readonly Buffer[]} uploads
 */
async function measure(name, served, uploads) {
  const half = uploads.length / 2;
  await load(served, uploads.slice(0, half), { clients: CLIENTS, home });
  tell(`${name}, uploads`, await load(served, uploads.slice(half), { clients: CLIENTS, home }));
  const proofs = uploads.map((_, at) => requestOf(`/api/v1/log/entries?logIndex=${at}`));
  tell(`${name}, proofs`, await load(served, proofs, { clients: CLIENTS, home }));
}

/**
 * @param {string} name
 * @param {import('./embedded-log/served.mjs').Cost} cost
 */
function tell(name, { perSecond, p50, p99, cpu, client }) {
  console.log(
    `${name}: ${perSecond.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; CPU of each: ` +
      `${Number.isNaN(cpu) ? 'not measured' : `${cpu.toFixed(3)} ms`} (clients ${client.toFixed(3)} ms)`,
  );
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
  const child = spawn(process.execPath, [worker, module, directory, String(PROOFS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  await once(child, 'close');
  const { opened, memoryAtStart, memory, read, proofs } = JSON.parse(text);
  const served = await serve(module, directory);
  const requests = Array.from({ length: 2 * PROOFS }, (_, at) =>
    requestOf(`/api/v1/log/entries?logIndex=${(at * 48_271) % size}`),
  );
  await load(served, requests.slice(0, PROOFS), { clients: CLIENTS, home });
  tell(`${size} entries, proofs`, await load(served, requests.slice(PROOFS), { clients: CLIENTS, home }));
  const serving = await memoryOf(served.pid);
  await served.stop();
  await rm(directory, { recursive: true });
  const grown = { size, start: opened.cpu, proof: (read.cpu / proofs) * 1000, memory: memory / 2 ** 20 };
  console.log(
    `${size} entries: start ${opened.cpu.toFixed(0)} ms of CPU (${opened.wall.toFixed(0)} ms), ` +
      `${(memoryAtStart / 2 ** 20).toFixed(0)} MiB then, ${grown.memory.toFixed(0)} MiB at most (with the server ${serving.toFixed(0)}); ` +
      `a proof ${grown.proof.toFixed(0)} µs of CPU without the server`,
  );
  return grown;
}
