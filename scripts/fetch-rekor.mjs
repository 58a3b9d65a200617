// Puts a real Rekor into a cache outside the checkout, built by Go, and prints where it is: Trillian, on which it
// stands, with its schema; the server and its client; the server of an older generation.
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDirectory } from './binary-cache.mjs';
import { goInstall, goSources } from './go-install.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

const TRILLIAN = 'github.com/google/trillian';
const REKOR = 'github.com/sigstore/rekor';
const TRILLIAN_VERSION = '1.7.3';
const REKOR_VERSION = '1.5.4';

/** The last version with the OpenPGP library that is frozen: no Ed25519, another form of whole keys. */
const OLD_REKOR_VERSION = '1.5.3';

/**
 * @typedef {{ version: string, server: string }} RekorServer
 * @typedef {{ logServer: string, logSigner: string, createTree: string, schema: string }} Trillian paths
 * @typedef {{ trillian: Trillian, rekor: RekorServer, oldRekor: RekorServer, cli: string }} RekorBinaries
 */

/**
 * @returns {Promise<RekorBinaries>}
 * @throws an error with the code ENOENT where there is no Go
 */
export async function fetchRekor() {
  return {
    trillian: await buildTrillian(),
    rekor: await buildServer(REKOR_VERSION),
    oldRekor: await buildServer(OLD_REKOR_VERSION),
    cli: await buildClient(REKOR_VERSION),
  };
}

async function buildTrillian() {
  const commands = ['trillian_log_server', 'trillian_log_signer', 'createtree'];
  const directory = await built(`trillian-${TRILLIAN_VERSION}`, 'storage.sql', async (scratch) => {
    const sources = commands.map((command) => `${TRILLIAN}/cmd/${command}@v${TRILLIAN_VERSION}`);
    await goInstall(scratch, sources, ['-tags=mysql']);
    const schema = path.join('storage', 'mysql', 'schema', 'storage.sql');
    const module = await goSources(`${TRILLIAN}@v${TRILLIAN_VERSION}`);
    await copyFile(path.join(module, schema), path.join(scratch, 'storage.sql'));
  });
  return {
    logServer: path.join(directory, 'trillian_log_server'),
    logSigner: path.join(directory, 'trillian_log_signer'),
    createTree: path.join(directory, 'createtree'),
    schema: path.join(directory, 'storage.sql'),
  };
}

/** @param {string} version */
async function buildServer(version) {
  const directory = await built(`rekor-server-${version}`, 'rekor-server', (scratch) =>
    goInstall(scratch, [`${REKOR}/cmd/rekor-server@v${version}`]),
  );
  return { version, server: path.join(directory, 'rekor-server') };
}

/** @param {string} version */
async function buildClient(version) {
  const directory = await built(`rekor-cli-${version}`, 'rekor-cli', (scratch) =>
    goInstall(scratch, [`${REKOR}/cmd/rekor-cli@v${version}`]),
  );
  return path.join(directory, 'rekor-cli');
}

/**
 * @param {string} name
 * @param {string} file
 * @param {(scratch: string) => Promise<void>} build
 */
async function built(name, file, build) {
  return await cachedDirectory(name, file, async (scratch) => {
    console.error(`building ${name}, which takes some minutes`);
    await build(scratch);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithOneLine();
  const { trillian, rekor, oldRekor, cli } = await fetchRekor();
  for (const file of [...Object.values(trillian), rekor.server, oldRekor.server, cli]) console.log(file);
}
