import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import { readKeyFile, readStart } from './disk.ts';
import { looksLikeKeys } from './key-file.ts';
import type { KeyringSource } from './source.ts';

/** Whether there is a folder of this name. */
export async function isFolder(path: string): Promise<boolean> {
  return (await look(path))?.isDirectory() ?? false;
}

/** Whether there is a file of this name. */
export async function isFile(path: string): Promise<boolean> {
  return (await look(path))?.isFile() ?? false;
}

/**
 * The files of keys in a folder: all of the layout `pgp.cert.d`, in which Sequoia keeps certificates, and those that
 * lie in it and look like keys, with the packets or the armor of one among their first bytes.
 * @throws InputError if one is unreadable
 */
export async function readKeyFolder(folder: string): Promise<KeyringSource[]> {
  const names = await list(folder);
  const stored = await listShelves(folder, names);
  // Beside its certificates Sequoia keeps a key of its own, with which it remembers whom it trusts.
  const loose = stored.length > 0 ? names.filter((name) => name !== 'trust-root') : names;
  const paths = [...stored, ...(await listLoose(folder, loose))];
  return await someAtATime(paths, async (path) => ({ place: path, folder, bytes: await readKeyFile(path) }));
}

/** Certificates named by their fingerprints, of which the first octet is the name of a folder. */
async function listShelves(folder: string, names: readonly string[]): Promise<string[]> {
  const shelves = names.filter((name) => /^[0-9a-f]{2}$/.test(name));
  const paths = await someAtATime(shelves, async (shelf) => {
    if (!(await isFolder(join(folder, shelf)))) return [];
    return (await list(join(folder, shelf)))
      .filter((name) => /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/.test(name))
      .map((name) => join(folder, shelf, name));
  });
  return paths.flat();
}

async function listLoose(folder: string, names: readonly string[]): Promise<string[]> {
  const files = await listFiles(folder, names);
  const keys = await someAtATime(files, async (path) => looksLikeKeys(await readStart(path, START)));
  return files.filter((_, index) => keys[index]);
}

/** Of these names in a folder the paths of plain files that may be meant to be keys. */
export async function listFiles(folder: string, names: readonly string[]): Promise<string[]> {
  // Backups (`…~`) are left out: keys that GnuPG deleted are still in them.
  const paths = names.filter((name) => !/^\.|~$/.test(name)).map((name) => join(folder, name));
  const files = await someAtATime(paths, isFile);
  return paths.filter((_, index) => files[index]);
}

/** What is in a folder, by name. @throws InputError if it is unreadable */
export async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw new InputError(`cannot read the folder of keys ${folder}: ${messageOf(error)}`);
  }
}

async function look(path: string): Promise<Stats | undefined> {
  return await stat(path).catch(() => undefined);
}

/** Files of keys often begin with text about them. */
const START = 64 * 1024;

/** A process may have some hundred files open. */
const AT_A_TIME = 32;

/** Does the work for each item, for so many at a time that not too many files are open. */
export async function someAtATime<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_A_TIME)
    results.push(...(await Promise.all(items.slice(at, at + AT_A_TIME).map(work))));
  return results;
}
