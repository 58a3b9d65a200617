// Measures what a large keyring costs: whole runs of `helm sigstore verify` (of dist/) against an embedded log on
// loopback, over keyrings of 1, 1,000 and 10,000 certificates of about 2.5 KB, in each form. Runs of all keyrings
// take turns; a figure is the median of 21. Linux only: `npm run build`, then `node scripts/benchmark-keyring.mjs`.
import { execFile } from 'node:child_process';
import { createHash, hash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { launcher, startLog } from './embedded-log.mjs';

const ROUNDS = 21;

/** @typedef {[elapsed: number, cpu: number, peak: number]} Run */
const COLUMNS = ['elapsed ms', 'CPU ms', 'peak MiB'];

/** What the measured process says of itself when it ends. */
const REPORT = `data:text/javascript,import { readFileSync } from 'node:fs';
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const [, peak] = readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\\s+(\\d+)/);
  console.error('CPU', (user + system) / 1000, 'PEAK', peak);
});`;

const examples = path.join(import.meta.dirname, '..', 'examples');
const chart = path.join(examples, 'hello-0.1.0.tgz');
const run = promisify(execFile);

const directory = await mkdtemp(path.join(tmpdir(), 'benchmark-keyring-'));
const env = { PATH: process.env['PATH'], HOME: directory, HELM_SIGSTORE_HOME: path.join(directory, 'state') };
const log = await startLog(path.join(directory, 'log'), env);
try {
  const trust = ['--rekor-server', log.url, '--rekor-public-key', log.publicKey];
  await sigstore(['upload', chart, '--keyring', path.join(examples, 'publisher.asc'), ...trust]);
  const keyrings = await writeKeyrings();
  const [smallest] = keyrings;
  /** @type {Map<string, Run[]>} */
  const measured = new Map(keyrings.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, file } of keyrings)
      measured.get(name)?.push(await sigstore(['verify', chart, '--keyring', file, ...trust]));

  const base = medians(measured.get(smallest?.name ?? '') ?? []);
  console.log(`${'keyring'.padEnd(16)} ${COLUMNS.map((column) => column.padStart(12)).join(' ')}`);
  for (const [name, runs] of measured) {
    const more = medians(runs).map((value, column) => `+${(value - (base[column] ?? 0)).toFixed(1)}`);
    const cells = name === smallest?.name ? base.map((value) => value.toFixed(1)) : more;
    console.log(`${name.padEnd(16)} ${cells.map((cell) => cell.padStart(12)).join(' ')}`);
  }
} finally {
  await log.stop();
  await rm(directory, { recursive: true });
}

/**
 * Runs the program once.
 *
 * @param {string[]} argv
 * @returns {Promise<Run>}
 */
async function sigstore(argv) {
  const start = performance.now();
  const { stderr } = await run(process.execPath, ['--import', REPORT, launcher, ...argv], { env });
  const elapsed = performance.now() - start;
  const [, cpu, peak] = /^CPU ([0-9.]+) PEAK ([0-9]+)$/m.exec(stderr) ?? [];
  return [elapsed, Number(cpu), Number(peak) / 1024];
}

/** @returns {Promise<{ name: string, file: string }[]>} the first is that of one certificate */
async function writeKeyrings() {
  const armored = await readFile(path.join(examples, 'publisher.asc'), 'utf8');
  const publisher = Buffer.from(/\n\n([^=]+=*)\n=/.exec(armored)?.[1] ?? '', 'base64');
  const keyrings = [];
  for (const count of [1, 1000, 10_000]) {
    const certificates = [...Array.from({ length: count - 1 }, filler), publisher];
    const binary = Buffer.concat(certificates);
    const forms = { binary, keybox: keybox(certificates), armored: armor(binary) };
    for (const [form, content] of Object.entries(forms)) {
      const name = `${count} ${form}`;
      const file = path.join(directory, name.replace(' ', '.'));
      await writeFile(file, content);
      keyrings.push({ name, file });
    }
  }
  return keyrings;
}

/** What a certificate of an RSA 4096 key with a subkey looks like from afar. */
function filler() {
  const key = Buffer.concat([Buffer.from('04600000000110000', 'hex'), randomBytes(519)]);
  const signature = Buffer.concat([Buffer.from('0413010a', 'hex'), randomBytes(562)]);
  return Buffer.concat([
    ...[packet(0x99, key), packet(0xb5, randomBytes(40)), packet(0x89, signature)],
    ...[packet(0xb9, key), packet(0x89, signature)],
  ]);
}

/**
 * @param {number} tag of the old format with two octets of length
 * @param {Buffer} body
 */
function packet(tag, body) {
  return Buffer.concat([Buffer.of(tag, body.length >> 8, body.length & 0xff), body]);
}

/** @param {Buffer[]} certificates */
function keybox(certificates) {
  const header = Buffer.alloc(32);
  header.writeUInt32BE(32);
  header.set([1, 1, 0, 2], 4);
  header.write('KBXf', 8);
  const records = certificates.map((certificate) => {
    const fields = Buffer.alloc(48);
    fields.writeUInt32BE(fields.length + certificate.length + 20);
    fields.set([2, 1], 4);
    fields.writeUInt32BE(fields.length, 8);
    fields.writeUInt32BE(certificate.length, 12);
    fields.writeUInt16BE(1, 16);
    fields.writeUInt16BE(28, 18);
    const primary = certificate.subarray(0, 3 + certificate.readUInt16BE(1));
    fields.write(hash('sha1', primary, 'hex'), 20, 'hex');
    const content = Buffer.concat([fields, certificate]);
    return Buffer.concat([content, createHash('sha1').update(content).digest()]);
  });
  return Buffer.concat([header, ...records]);
}

/** @param {Buffer} bytes */
function armor(bytes) {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  const edge = (/** @type {string} */ word) => `-----${word} PGP PUBLIC KEY BLOCK-----`;
  return [edge('BEGIN'), '', ...lines, edge('END'), ''].join('\n');
}

/**
 * @param {Run[]} runs
 * @returns {Run}
 */
function medians(runs) {
  const median = (/** @type {0 | 1 | 2} */ column) =>
    runs.map((run) => run[column]).sort((a, b) => a - b)[runs.length >> 1] ?? NaN;
  return [median(0), median(1), median(2)];
}
