import { dirname, join, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { readIfThere, readKeyFile } from './disk.ts';
import { isFile, isFolder, readKeyFolder } from './folder.ts';
import { isKeyboxDatabase } from './key-file.ts';
import type { KeyringSource } from './keyring.ts';

/** What decides where keys are looked for. */
export interface KeyringSettings {
  /** Paths given with `--keyring`. */
  readonly keyrings: readonly string[];
  /** Paths given with `--public-key`. */
  readonly publicKeys: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home directory; empty if there is none. */
  readonly home: string;
  readonly platform: string;
}

/**
 * Reads the keys of the files and folders given, else of what `KEYRING` names, else of GnuPG's home: its
 * `pubring.gpg`, its `pubring.kbx`, and its keyboxd if it has one.
 * @throws InputError on what was given and is missing, empty or unreadable
 * @throws UsageError on a URL
 */
export async function locateKeyrings(settings: KeyringSettings): Promise<KeyringSource[]> {
  const { keyrings, publicKeys, env } = settings;
  const flags = [...keyrings, ...publicKeys];
  const given = flags.length > 0 || !env['KEYRING'] ? flags : [env['KEYRING']];
  const home = gnupgHome(settings);
  const own = { home, env };
  if (given.length > 0)
    return (await Promise.all(onlyOnce(given).map((path) => openGiven(path, own)))).flat();
  if (home === undefined) return [];
  const found = await openGnupgHome(home, own);
  // Whoever looks for a missing key should know where it was looked for.
  return found.length > 0 ? found : [{ place: home, bytes: new Uint8Array() }];
}

/** What is the user's own of GnuPG. */
interface Own extends Pick<KeyringSettings, 'env'> {
  readonly home: string | undefined;
}

/** The paths without those that name the same again. */
function onlyOnce(paths: readonly string[]): string[] {
  return [...new Map(paths.map((path) => [resolve(path), path])).values()];
}

async function openGiven(path: string, own: Own): Promise<KeyringSource[]> {
  if (!(await isFolder(path))) {
    const bytes = await readKeyFile(path);
    const home = isKeyboxDatabase(bytes) ? await homeOfDatabase(path) : undefined;
    return [home === undefined ? { place: path, bytes } : await askKeyboxd(home, own)];
  }
  const sources = [...(await readKeyFolder(path)), ...(await openKeyboxd(path, own))];
  if (sources.length === 0) throw new InputError(`the folder ${path} holds no files of OpenPGP keys`);
  return sources;
}

/** What is there of the keys of GnuPG. */
async function openGnupgHome(home: string, own: Own): Promise<KeyringSource[]> {
  const files = ['pubring.gpg', 'pubring.kbx'].map(async (name): Promise<KeyringSource[]> => {
    const place = join(home, name);
    const bytes = await readIfThere(place);
    return bytes === undefined ? [] : [{ place, bytes }];
  });
  return (await Promise.all([...files, openKeyboxd(home, own)])).flat();
}

/** The keys of the keyboxd of a GnuPG home, if it has one: its configuration says so, and there is a database. */
async function openKeyboxd(home: string, own: Own): Promise<KeyringSource[]> {
  if (!(await usesKeyboxd(home))) return [];
  return (await isFile(databaseOf(home))) ? [await askKeyboxd(home, own)] : [];
}

async function askKeyboxd(path: string, own: Own): Promise<KeyringSource> {
  const { exportKeys } = await import('./gpg.ts');
  const isOwn = own.home !== undefined && resolve(path) === resolve(own.home);
  return { place: databaseOf(path), bytes: await exportKeys({ path, isOwn }, own.env) };
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
  return /^[ \t]*use-keyboxd[ \t\r]*$/m.test(configuration);
}

function gnupgHome({ env, home, platform }: KeyringSettings): string | undefined {
  if (env['GNUPGHOME']) return env['GNUPGHOME'];
  if (platform === 'win32' && env['APPDATA']) return join(env['APPDATA'], 'gnupg');
  return home === '' ? undefined : join(home, '.gnupg');
}
