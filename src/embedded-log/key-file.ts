import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { encodeUtf8 } from '../encoding.ts';
import { InputError, messageOf } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { readRegular } from '../files/regular-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import { logKeyFromSpki, signWith, verifySignature, type LogKey } from '../tlog/log-key.ts';

/** The key of a log with its private half. */
export interface SigningKey {
  readonly key: LogKey;
  readonly privateKey: KeyObject;
}

/** Where the key of a log is, when it is not in its directory. */
export interface KeySource {
  /** A PEM file of PKCS#8. */
  readonly keyFile?: string;
  /** A file with its passphrase, in the first line. */
  readonly passphraseFile?: string;
}

/**
 * The key of the log in a directory, from its file `key.pem` or from where its owner keeps it. A log without entries, and
 * without a file that its owner names, gets a new one (Ed25519).
 * @throws InputError when there are entries and no key, or the file does not hold a key
 */
export async function openKey(
  home: string,
  hasEntries: boolean,
  { keyFile, passphraseFile }: KeySource = {},
): Promise<SigningKey> {
  const path = keyFile ?? join(home, 'key.pem');
  const pem = await readIfThere(path);
  if (pem === undefined) {
    if (keyFile !== undefined)
      throw new InputError(`expected the key of the log in ${keyFile}, found no such file`);
    if (hasEntries)
      throw new InputError(
        `the log's key is missing: ${path}`,
        'restore it from a backup, or name its file with --key if you keep it elsewhere',
      );
    return signingKey(await createKey(path));
  }
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile);
  try {
    const signer = signingKey(
      createPrivateKey({ key: pem, format: 'pem', ...(passphrase && { passphrase }) }),
    );
    // The file holds the private and the public half: a damaged bit would make them differ.
    const probe = encodeUtf8('helm-sigstore key file');
    if (verifySignature(signer.key, probe, signWith(signer.privateKey, probe))) return signer;
    throw new Error('its halves do not belong together');
  } catch (error) {
    throw new InputError(`${path} is not a private key: ${messageOf(error)}`, hintFor(pem, passphrase));
  }
}

/**
 * Keeps the public half of the key in `public-key.pem`, for those who trust the log. A correct file is not
 * touched. Any other is replaced atomically, so no reader finds half a file, also when the disk is full.
 * @throws the error of the file system when it could not be written
 */
export async function keepPublicKey(path: string, { privateKey }: SigningKey): Promise<void> {
  const pem = pemOfKey({ publicKey: createPublicKey(privateKey) });
  if ((await readIfThere(path)) !== pem) await replaceFile(path, pem, { mode: 0o644 });
}

/** The PEM text of a public key, as the log writes it. */
export function pemOfKey({ publicKey }: Pick<LogKey, 'publicKey'>): string {
  return publicKey.export({ format: 'pem', type: 'spki' }) as string;
}

function hintFor(pem: string, passphrase: string | undefined): string {
  if (pem.includes('ENCRYPTED'))
    return passphrase === undefined
      ? 'name the file with its passphrase: --passphrase-file FILE'
      : 'check that the first line of the file of --passphrase-file is its passphrase';
  return 'restore it from a backup';
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readRegular(path)).toString();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function readPassphrase(path: string): Promise<string> {
  const text = await readIfThere(path);
  const [line = ''] = (text ?? '').split(/\r?\n/, 1);
  if (line === '') throw new InputError(`expected a passphrase in the first line of ${path}, found none`);
  return line;
}

async function createKey(path: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ed25519');
  await replaceFile(path, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  return privateKey;
}

function signingKey(privateKey: KeyObject): SigningKey {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, key: logKeyFromSpki(spki) };
}
