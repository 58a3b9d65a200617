// The main job from a fresh clone, with nothing but Node: an embedded log on a free loopback port, a copy of the signed
// chart of examples/ logged, found and verified on it, also when that log is gone, and one with another byte rejected. Ends with a status other than 0
// when a step does not give what it should. With --keep the log is left running to play on.
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { launcher, serveArguments, startLog } from './embedded-log.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { endWithOneLine } from './one-line-errors.mjs';
import { shellWords } from './shell-words.mjs';

endWithOneLine();

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {string[]} argv
 * @property {number} status the exit status it has to end with
 * @property {RegExp} shows what its output on stdout has to match
 */

const root = path.join(import.meta.dirname, '..');
const example = 'examples/hello-0.1.0.tgz';
const keep = process.argv.includes('--keep');
const words = shellWords(process.platform);

await ensureInstalled();
// After the installation: it needs esbuild.
const { buildDist } = await import('./build.mjs');
await buildDist();

const directory = await mkdtemp(path.join(tmpdir(), 'helm-sigstore-'));
const chart = path.join(directory, path.basename(example));
const settings = { HELM_SIGSTORE_HOME: path.join(directory, 'state'), KEYRING: 'examples/publisher.asc' };
/** @type {NodeJS.ProcessEnv} An empty variable is unset: only our key of the log counts. */
const env = { ...process.env, ...settings, SIGSTORE_TRUSTED_ROOT: '' };

say('Start a transparency log of our own:', serveArguments(path.join(directory, 'log')));
const log = await startLog(path.join(directory, 'log'), env, { detached: keep });
process.stdout.write(log.output);
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void clear().then(() => process.exit(130)));

try {
  // What proves the chart is written beside it.
  await copyChart(chart);
  const exports = { ...settings, REKOR_SERVER: log.url, SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey };
  Object.assign(env, exports);
  console.log('\nUse this log, trust its key, and accept the signatures of this publisher:');
  for (const [name, value] of Object.entries(exports))
    console.log(`${words.prompt}${words.set(name, value)}`);
  for (const step of await steps()) await take(step);
  if (keep) explainKept({ ...exports, KEYRING: path.join(root, settings.KEYRING) });
  else {
    await log.stop();
    console.log('\nThe log is stopped.');
    await take({
      title: 'Prove it again, with no network, by what the upload kept beside the chart:',
      argv: ['verify', chart, '--offline'],
      status: 0,
      shows: /^Chart Verified Successfully From Helm entry:\n[^]*\nOffline: /,
    });
    await clear();
  }
} catch (error) {
  await clear();
  console.error(error instanceof Error ? `Error: ${error.message}` : error);
  process.exitCode = 1;
}

/** @returns {Promise<Step[]>} */
async function steps() {
  return [
    {
      title: 'Put the signature of the chart on the log:',
      argv: ['upload', chart],
      status: 0,
      shows: /^\nCreated Helm entry at index 0, available at: http/,
    },
    {
      title: 'See who logged this chart, and when:',
      argv: ['search', chart],
      status: 0,
      shows: /^The Following Records were Found\n\nRekor Server: http/,
    },
    {
      title: 'Prove that the chart is the one that was signed and logged:',
      argv: ['verify', chart],
      status: 0,
      shows: /^Chart Verified Successfully From Helm entry:\n\nRekor Server: http/,
    },
    {
      title: 'The same for a copy in which one byte is different:',
      argv: ['verify', await tamperedCopy()],
      status: 10,
      shows: /^Chart Not Verified: .*\nDigest: .*\n\n[0-9]+ other checks: /,
    },
  ];
}

/** A copy of chart and provenance under the same names, in which the last byte of the archive is another one. */
async function tamperedCopy() {
  const copy = path.join(directory, 'tampered', path.basename(example));
  await mkdir(path.dirname(copy));
  await copyChart(copy);
  const archive = await readFile(copy);
  archive.writeUInt8(archive.readUInt8(archive.length - 1) ^ 1, archive.length - 1);
  await writeFile(copy, archive);
  return copy;
}

/** @param {string} target where the archive of the example goes, and its provenance beside it */
async function copyChart(target) {
  for (const end of ['', '.prov']) await copyFile(path.join(root, `${example}${end}`), `${target}${end}`);
}

/** @param {Step} step */
async function take({ title, argv, status, shows }) {
  say(title, argv);
  const child = spawn(process.execPath, [launcher, ...argv], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let answer = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (answer += text));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => process.stdout.write(text));
  const found = await new Promise((resolve) => child.once('close', resolve));
  if (found === null) throw new Error('interrupted');
  console.log(`(exit status ${found})`);
  if (found !== status) throw new Error(`expected exit status ${status}, found ${found}`);
  if (!shows.test(answer)) throw new Error(`expected an answer that matches ${shows}`);
}

/**
 * @param {string} title
 * @param {string[]} argv
 */
function say(title, argv) {
  console.log(`\n${title}\n${words.prompt}helm sigstore ${argv.join(' ')}`);
}

/** @param {Record<string, string>} exports */
function explainKept(exports) {
  console.log('\nThe log keeps running. To use it from anywhere, with or without Helm:\n');
  for (const [name, value] of Object.entries(exports)) console.log(words.set(name, value));
  console.log(words.install(root));
  console.log(words.alias('helm-sigstore', launcher));
  console.log(`\nTo stop it and remove all that it wrote:\n\n${words.stop(log.pid, directory)}`);
}

async function clear() {
  await log.stop();
  await rm(directory, { recursive: true, force: true });
}
