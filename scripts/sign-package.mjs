// Signs a packed plugin as `helm plugin package --sign` does: Helm 4 verifies the result when it installs.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dump } from 'js-yaml';
import * as openpgp from 'openpgp';

/**
 * @typedef {object} Signer
 * @property {string} key the user ID of the key, or a part of it
 * @property {string} keyring a file with secret keys, binary or armored
 * @property {string | undefined} [passphraseFile]
 */

/**
 * The provenance of a packed plugin: what plugin.yaml says, and the digest of the archive, signed in cleartext.
 *
 * @param {{ name: string, bytes: Uint8Array, metadata: object }} archive
 * @param {Signer} signer
 * @returns {Promise<string>}
 */
export async function signPackage({ name, bytes, metadata }, signer) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const text = `${dump(metadata)}\n...\n${dump({ files: { [name]: `sha256:${sha256}` } }, { lineWidth: -1 })}`;
  const message = await openpgp.createCleartextMessage({ text });
  return await openpgp.sign({ message, signingKeys: await secretKey(signer) });
}

/**
 * The key that signs.
 *
 * @param {Signer} signer
 * @throws Error that says what is wrong with keyring, key or passphrase
 */
export async function secretKey({ key, keyring, passphraseFile }) {
  const bytes = await readFile(keyring);
  const isArmored = bytes.subarray(0, 5).toString() === '-----';
  const reading = isArmored
    ? openpgp.readPrivateKeys({ armoredKeys: bytes.toString() })
    : openpgp.readPrivateKeys({ binaryKeys: bytes });
  const keys = await reading.catch((/** @type {Error} */ { message }) => {
    throw new Error(`expected secret keys in ${keyring}, found none: ${message}`);
  });
  const [found, ...more] = keys.filter((each) => each.getUserIDs().some((userId) => userId.includes(key)));
  if (found === undefined || more.length > 0)
    throw new Error(
      `expected one secret key of "${key}" in ${keyring}, found ${found ? more.length + 1 : 'none'}`,
    );
  if (found.isDecrypted()) return found;
  if (passphraseFile === undefined) throw new Error(`the key of "${key}" needs --passphrase-file`);
  const passphrase = (await readFile(passphraseFile, 'utf8')).replace(/\r?\n$/, '');
  return await openpgp.decryptKey({ privateKey: found, passphrase });
}
