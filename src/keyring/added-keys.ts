import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { readOwnFile } from '../files/user-file.ts';
import { someAtATime } from './folder.ts';
import type { KeyringSource } from './source.ts';

/**
 * The keys that `keys add` keeps in a folder, which counts like a keyring. While a key is being replaced it is in two
 * files for a moment, under other names than before: then the folder is looked at again, so that no key is missed.
 * @returns nothing if there is no folder; an empty source for a folder without keys, so that it is named
 * @throws InputError if the folder or a file of it cannot be read: a revocation may be there
 */
export async function readAddedKeys(folder: string): Promise<KeyringSource[]> {
  for (let tries = 0; tries < TRIES; tries++) {
    const names = await namesOfKeys(folder);
    if (names === undefined) return [];
    const sources = await readFiles(folder, names);
    const isWhole = !sources.includes(undefined) && names.join() === (await namesOfKeys(folder))?.join();
    if (!isWhole) continue;
    const found = sources.filter((source) => source !== undefined);
    return found.length > 0 ? found : [{ place: folder, bytes: new Uint8Array() }];
  }
  throw new InputError(`the folder of added keys ${folder} changes all the time`, 'try again');
}

/** The primary fingerprint of the key that a file of this name is for; `undefined`: it is no file of `keys add`. */
export function ownerOf(name: string): string | undefined {
  return FILE_NAME.exec(name)?.[1]?.toLowerCase();
}

/** The name of the file of a key. Beside it are, for moments, files with a UUID before the end of the name. */
export function fileNameOf(fingerprint: string): string {
  return `${fingerprint.toUpperCase()}.gpg`;
}

/** The names of the files of keys in the folder; `undefined` if it is missing. @throws InputError */
export async function namesOfKeys(folder: string): Promise<string[] | undefined> {
  try {
    return (await readdir(folder)).filter((name) => ownerOf(name) !== undefined).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new InputError(`cannot read the folder of added keys ${folder}: ${messageOf(error)}`);
  }
}

/** Their sources; `undefined` for one that is gone. @throws InputError if one cannot be read */
export async function readFiles(
  folder: string,
  names: readonly string[],
): Promise<(KeyringSource | undefined)[]> {
  return await someAtATime(names, async (name) => {
    const place = join(folder, name);
    const bytes = await readOwnFile(place, KEY_FILE_LIMIT, `the added key ${place}`);
    return bytes && { place, folder, bytes, holds: ownerOf(name) ?? '' };
  });
}

/** Bytes: twice what GnuPG allows for one key. */
const KEY_FILE_LIMIT = 10 * 1024 * 1024;

const TRIES = 100;

/** What is named otherwise is half written, or not ours. */
const FILE_NAME = /^([0-9A-F]{40}|[0-9A-F]{64})(?:\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?\.gpg$/;
