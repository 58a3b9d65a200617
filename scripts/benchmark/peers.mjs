// What a user would run instead, as contestants. One that is not there is left out, which is said aloud.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { fetchHelms } from '../fetch-helm.mjs';
import { exampleChart, VERIFIED } from './workspace.mjs';

/**
 * @typedef {import('./contestant.mjs').Contestant} Contestant
 * @typedef {import('./workspace.mjs').Workspace} Workspace
 */

const run = promisify(execFile);

/**
 * Node that does nothing: what every program of Node costs.
 *
 * @param {Workspace} workspace
 * @returns {Contestant}
 */
export function bareNode({ env }) {
  return { file: process.execPath, argv: ['-e', '0'], env, shows: /^$/ };
}

/**
 * @param {Workspace} workspace
 * @param {string} file
 * @param {string} sha256 in hexadecimal
 * @returns {Contestant}
 */
export function opensslDigest({ env }, file, sha256) {
  return { file: 'openssl', argv: ['dgst', '-sha256', file], env, shows: `= ${sha256}\n` };
}

/**
 * The programs that verify the example chart or its signature.
 *
 * @param {Workspace} workspace
 * @returns {Promise<Record<string, Contestant>>}
 */
export async function verifiers(workspace) {
  const found = { 'gpg --verify': await gpgVerify(workspace), 'helm verify': await helmVerify(workspace) };
  /** @type {Record<string, Contestant>} */
  const present = {};
  for (const [name, contestant] of Object.entries(found)) {
    if (contestant !== undefined) present[name] = contestant;
    else console.error(`left out, because it is not there: ${name}`);
  }
  return { ...present, ...peerVerify(workspace) };
}

/**
 * The program given by --peer, by its file name, or nothing.
 *
 * @param {Workspace} workspace
 * @param {string} [url] of the log, where it is not asked directly
 * @returns {Record<string, Contestant>}
 */
export function peerVerify({ plan: { peer }, keyring, log, env }, url = log.url) {
  if (peer === undefined) return {};
  const argv = ['verify', exampleChart, '--rekor-server', url, '--keyring', keyring];
  return { [path.basename(peer)]: { file: peer, argv, env, shows: VERIFIED } };
}

/**
 * @param {Workspace} workspace
 * @returns {Promise<Contestant | undefined>}
 */
export async function helmVerify({ keyring, env }) {
  // The last one is the latest, or what HELM_SIGSTORE_HELMS names.
  const helm = (await fetchHelms().catch(() => [])).at(-1);
  if (helm === undefined) return undefined;
  return {
    file: helm.path,
    argv: ['verify', exampleChart, '--keyring', keyring],
    env,
    shows: /^Signed by: /,
  };
}

/**
 * @param {Workspace} workspace
 * @returns {Promise<Contestant | undefined>}
 */
async function gpgVerify(workspace) {
  const home = path.join(workspace.directory, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  const env = { ...workspace.env, GNUPGHOME: home };
  try {
    await run('gpg', ['--batch', '--quiet', '--import', workspace.keyring], { env });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
  workspace.atEnd(() => run('gpgconf', ['--kill', 'all'], { env }));
  const argv = ['--batch', '--status-fd', '1', '--verify', `${exampleChart}.prov`];
  return { file: 'gpg', argv, env, shows: /^\[GNUPG:\] VALIDSIG /m };
}
