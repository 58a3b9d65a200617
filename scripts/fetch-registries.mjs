// Puts registries, and another client of them, into a cache outside the checkout, built by Go, and prints where they
// are: the reference implementation (distribution), the registry of go-containerregistry, which has the referrers API,
// and oras. Debian's docker-registry, an older generation, comes with apt.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDirectory } from './binary-cache.mjs';
import { goBuild, goInstall } from './go-install.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

const DISTRIBUTION = 'github.com/distribution/distribution/v3/cmd/registry';
const DISTRIBUTION_VERSION = '3.1.2';
const ORAS = 'oras.land/oras/cmd/oras';
const ORAS_VERSION = '1.3.4';

/** A program of ours around the registry of go-containerregistry, whose version is in its go.mod. */
const REFERRERS_REGISTRY = path.join(import.meta.dirname, 'referrers-registry');

/**
 * @typedef {object} RegistryBinaries paths
 * @property {string} distribution has no referrers API
 * @property {string} referrersRegistry has it
 * @property {string} oras
 */

/**
 * @returns {Promise<RegistryBinaries>}
 * @throws an error with the code ENOENT where there is no Go
 */
export async function fetchRegistries() {
  return {
    distribution: await install('distribution', DISTRIBUTION_VERSION, DISTRIBUTION),
    referrersRegistry: await buildReferrersRegistry(),
    oras: await install('oras', ORAS_VERSION, ORAS),
  };
}

/**
 * @param {string} name
 * @param {string} version
 * @param {string} source a package, which gives the binary its name
 */
async function install(name, version, source) {
  const file = path.posix.basename(source);
  const directory = await cachedDirectory(`${name}-${version}`, file, async (scratch) => {
    console.error(`building ${name} ${version}, which takes some minutes`);
    await goInstall(scratch, [`${source}@v${version}`]);
  });
  return path.join(directory, file);
}

/** Its directory is named after its sources: another text is another program. */
async function buildReferrersRegistry() {
  const digest = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go'])
    digest.update(await readFile(path.join(REFERRERS_REGISTRY, file)));
  const file = 'referrers-registry';
  const name = `${file}-${digest.digest('hex').slice(0, 12)}`;
  const directory = await cachedDirectory(name, file, async (scratch) => {
    console.error('building the registry of go-containerregistry');
    await goBuild(REFERRERS_REGISTRY, path.join(scratch, file));
  });
  return path.join(directory, file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithOneLine();
  for (const file of Object.values(await fetchRegistries())) console.log(file);
}
