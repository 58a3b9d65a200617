// A chart publisher for one occasion: a fresh OpenPGP key, made by gpg in a directory of its own. Used by
// make-example.mjs and the end-to-end tests.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * @typedef {object} Publisher
 * @property {string} home the directory of gpg
 * @property {string} keyring a file with the public key in binary, as Helm wants it
 * @property {string} secretKeyring the same with the secret key
 * @property {string} armoredKey the public key as text
 * @property {string[]} signing the options of `helm package` that sign with it
 * @property {() => Promise<void>} remove ends the gpg-agent and forgets the key
 */

/**
 * Makes an RSA 3072 key without expiry and without a passphrase.
 *
 * @param {string} userId
 * @returns {Promise<Publisher>}
 */
export async function createPublisher(userId) {
  const home = await mkdtemp(path.join(tmpdir(), 'publisher-'));
  const gpg = async (/** @type {string[]} */ ...options) => {
    const quiet = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''];
    return (await run('gpg', ['--homedir', home, ...quiet, ...options])).stdout;
  };
  // Helm signs with a secret keyring of the old binary form only.
  const secretKeyring = path.join(home, 'secring.gpg');
  const keyring = path.join(home, 'pubring.gpg');
  await gpg('--quick-generate-key', userId, 'rsa3072', 'sign', 'never');
  await gpg('--output', secretKeyring, '--export-secret-keys');
  await gpg('--output', keyring, '--export');
  return {
    home,
    keyring,
    secretKeyring,
    armoredKey: await gpg('--armor', '--export'),
    signing: ['--sign', '--key', userId, '--keyring', secretKeyring],
    async remove() {
      await run('gpgconf', ['--homedir', home, '--kill', 'all']);
      await rm(home, { recursive: true, force: true });
    },
  };
}
