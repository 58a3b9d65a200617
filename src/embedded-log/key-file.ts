import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.ts';

/**
 * The private key of the log in a directory, from its file `key.pem`; a log without entries gets a new one
 * (P-256).
 * @throws InputError when there are entries and no key, or the file holds none
 */
export async function openKey(home: string, hasEntries: boolean): Promise<KeyObject> {
  const path = join(home, 'key.pem');
  const pem = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (pem === undefined) {
    if (hasEntries) throw new InputError(`the log's key is missing: ${path}`, 'restore it from a backup');
    return await createKey(path);
  }
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new InputError(`${path} is not a private key`, undefined, { cause: error });
  }
}

/** Writes the public half of the key beside it, into `public-key.pem`, for those who shall trust the log. */
export async function writePublicKey(home: string, privateKey: KeyObject): Promise<string> {
  const path = join(home, 'public-key.pem');
  await writeFile(path, createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }), { mode: 0o644 });
  return path;
}

async function createKey(path: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return privateKey;
}
