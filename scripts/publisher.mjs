// A chart publisher for one occasion: a fresh OpenPGP key made by gpg in a directory of its own, and `helm package
// --sign` with it. Used by make-example.mjs and the end-to-end tests.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * @typedef {object} Publisher
 * @property {string} keyring the public key in binary, as Helm wants it
 * @property {string} armoredKey the public key as text
 * @property {(helm: string, chart: string, directory: string) => Promise<void>} packageSigned
 */

/**
 * Makes an RSA 3072 key without expiry, and hands it to `use`. Afterwards key and gpg-agent are gone.
 *
 * @param {string} userId
 * @param {(publisher: Publisher) => Promise<void>} use
 */
export async function withPublisher(userId, use) {
  const home = await mkdtemp(path.join(tmpdir(), 'publisher-'));
  const gpg = ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''];
  try {
    await run('gpg', [...gpg, '--quick-generate-key', userId, 'rsa3072', 'sign', 'never']);
    const exported = async (/** @type {string} */ name, /** @type {string[]} */ ...options) => {
      const file = path.join(home, name);
      await run('gpg', [...gpg, '--output', file, ...options]);
      return file;
    };
    // Helm signs with a secret keyring of the old binary form only.
    const secretKeyring = await exported('secring.gpg', '--export-secret-keys');
    const keyring = await exported('pubring.gpg', '--export');
    const { stdout: armoredKey } = await run('gpg', [...gpg, '--armor', '--export']);
    await use({
      keyring,
      armoredKey,
      async packageSigned(helm, chart, directory) {
        const signing = ['--sign', '--key', userId, '--keyring', secretKeyring];
        await run(helm, ['package', chart, ...signing, '--destination', directory]);
      },
    });
  } finally {
    await run('gpgconf', ['--homedir', home, '--kill', 'all']);
    await rm(home, { recursive: true, force: true });
  }
}
