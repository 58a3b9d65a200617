import { dirname, join, resolve } from 'node:path';
import { readAddedKeys } from './added-keys.ts';
import { readIfThere, readKeyFile } from './disk.ts';
import { isFile, isFolder, readKeyFolder } from './folder.ts';
import { isKeyboxDatabase } from './key-file.ts';
import type { KeyringSource } from './source.ts';

/** What decides where keys are looked for. */
export interface KeyringSettings {
  /** Paths given with `--keyring`, or the one that `KEYRING` names. */
  readonly keyrings: readonly string[];
  /** Paths given with `--public-key`. */
  readonly publicKeys: readonly string[];
  /** The folder of `keys add`; undefined if there is no place for one. */
  readonly addedKeys?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home directory; empty if there is none. */
  readonly home: string;
  readonly platform: string;
  /** Ends at once the programs that are asked for keys, and the waiting for a file that is a pipe. */
  readonly interrupted?: AbortSignal;
  /** Whether gpg is not asked: it connects to its keyboxd. */
  readonly isOffline?: boolean;
}

/**
 * Reads the keys of the files and folders given, else of GnuPG's home (its `pubring.gpg`, its `pubring.kbx`, and its
 * keyboxd if it has one) and of the folder of `keys add`.
 * @throws InputError on what was given and is missing, empty or unreadable, and on an added key that is damaged
 */
export async function locateKeyrings(settings: KeyringSettings): Promise<KeyringSource[]> {
  const { keyrings, publicKeys, env } = settings;
  const given = [...keyrings, ...publicKeys];
  const home = gnupgHome(settings);
  const { interrupted, isOffline = false } = settings;
  const own = { home, env, interrupted, isOffline };
  if (given.length > 0)
    return (await Promise.all(onlyOnce(given).map((path) => openGiven(path, own)))).flat();
  const { addedKeys } = settings;
  const [found, added] = await Promise.all([
    home === undefined ? [] : openGnupgHome(home, own),
    addedKeys === undefined ? [] : readAddedKeys(addedKeys),
  ]);
  return [...found, ...added];
}

/** What is needed to ask the user's own GnuPG. */
interface Own extends Pick<KeyringSettings, 'env'> {
  readonly home: string | undefined;
  readonly interrupted?: AbortSignal | undefined;
  readonly isOffline: boolean;
}

/** Each path once, even if it is spelt in several ways. */
function onlyOnce(paths: readonly string[]): string[] {
  return [...new Map(paths.map((path) => [resolve(path), path])).values()];
}

async function openGiven(path: string, own: Own): Promise<KeyringSource[]> {
  if (!(await isFolder(path))) {
    const bytes = await readKeyFile(path, own.interrupted);
    const home = isKeyboxDatabase(bytes) ? await homeOfDatabase(path) : undefined;
    return [home === undefined ? { place: path, bytes } : await askKeyboxd(home, own)];
  }
  const sources = [...(await readKeyFolder(path)), ...(await openKeyboxd(path, own))];
  if (sources.length > 0) return sources;
  return await (await import('./folder-without-keys.ts')).refuseFolder(path);
}

/** The keys that there are in a GnuPG home. */
async function openGnupgHome(home: string, own: Own): Promise<KeyringSource[]> {
  const files = ['pubring.gpg', 'pubring.kbx'].map(async (name): Promise<KeyringSource[]> => {
    const place = join(home, name);
    const bytes = await readIfThere(place);
    return bytes === undefined ? [] : [{ place, bytes }];
  });
  const found = (await Promise.all([...files, openKeyboxd(home, own)])).flat();
  // Whoever looks for a missing key should know where it was looked for.
  return found.length > 0 ? found : [{ place: home, bytes: new Uint8Array() }];
}

/** The keys of the keyboxd of a GnuPG home, if it has one: its configuration says so, and there is a database. */
async function openKeyboxd(home: string, own: Own): Promise<KeyringSource[]> {
  if (!(await usesKeyboxd(home))) return [];
  return (await isFile(databaseOf(home))) ? [await askKeyboxd(home, own)] : [];
}

async function askKeyboxd(path: string, own: Own): Promise<KeyringSource> {
  const { exportKeys, notAsked } = await import('./gpg.ts');
  if (own.isOffline) throw notAsked(path);
  const isOwn = own.home !== undefined && resolve(path) === resolve(own.home);
  return {
    place: databaseOf(path),
    bytes: await exportKeys({ path, isOwn }, own.env, undefined, own.interrupted),
  };
}

function databaseOf(home: string): string {
  return join(home, 'public-keys.d', 'pubring.db');
}

/** The GnuPG home whose keyboxd keeps its keys in the file; `undefined` if it is in no such place. */
async function homeOfDatabase(path: string): Promise<string | undefined> {
  const home = dirname(dirname(resolve(path)));
  return databaseOf(home) === resolve(path) && (await usesKeyboxd(home)) ? home : undefined;
}

/** Whether gpg asks a keyboxd there; else it would answer with what is in its other files. */
async function usesKeyboxd(home: string): Promise<boolean> {
  const configuration = Buffer.from((await readIfThere(join(home, 'common.conf'))) ?? []).toString();
  return configuration.split('\n').some((line) => line.trim() === 'use-keyboxd');
}

function gnupgHome({ env, home, platform }: KeyringSettings): string | undefined {
  if (env['GNUPGHOME']) return env['GNUPGHOME'];
  if (platform === 'win32' && env['APPDATA']) return join(env['APPDATA'], 'gnupg');
  return home === '' ? undefined : join(home, '.gnupg');
}
