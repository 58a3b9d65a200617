import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { InputError, messageOf, UsageError } from '../errors.ts';
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
 * Reads the files of keys: those given, else the one that `KEYRING` names, else what is there of GnuPG's
 * `pubring.gpg` and `pubring.kbx`.
 * @throws InputError on a given file that is missing, empty or unreadable
 * @throws UsageError on a URL
 */
export async function locateKeyrings(settings: KeyringSettings): Promise<KeyringSource[]> {
  const { keyrings, publicKeys, env } = settings;
  const flags = [...keyrings, ...publicKeys];
  const given = flags.length > 0 || !env['KEYRING'] ? flags : [env['KEYRING']];
  if (given.length > 0)
    return await Promise.all(given.map(async (path) => ({ place: path, bytes: await readKeyFile(path) })));
  const folder = gnupgFolder(settings);
  if (folder === undefined) return [];
  const sources = await Promise.all(
    ['pubring.gpg', 'pubring.kbx'].map((name) => readDefault(join(folder, name))),
  );
  return sources.filter((source) => source !== undefined);
}

/**
 * The bytes of a file of keys that the user named.
 * @throws InputError if it is missing, empty or unreadable
 * @throws UsageError if it is a URL
 */
export async function readKeyFile(path: string): Promise<Uint8Array> {
  if (/^https?:/i.test(path))
    throw new UsageError(
      `a key is read from a file, not from a URL: ${path}`,
      'download it, compare its fingerprint, and give the file',
    );
  const bytes = await read(path);
  if (bytes.length === 0) throw new InputError(`the keyring ${path} is empty`);
  return bytes;
}

function gnupgFolder({ env, home, platform }: KeyringSettings): string | undefined {
  if (env['GNUPGHOME']) return env['GNUPGHOME'];
  if (platform === 'win32' && env['APPDATA']) return join(env['APPDATA'], 'gnupg');
  return home === '' ? undefined : join(home, '.gnupg');
}

/** GnuPG's own files are used if they are there. */
async function readDefault(path: string): Promise<KeyringSource | undefined> {
  try {
    const bytes = await read(path);
    return bytes.length > 0 ? { place: path, bytes } : undefined;
  } catch (error) {
    if (error instanceof InputError && codeOf(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The whole file; it may be a pipe, as in `--keyring <(gpg --export)`. */
async function read(path: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > KEYRING_LIMIT) throw new Error(`it has more than ${KEYRING_LIMIT} bytes`);
    }
  } catch (error) {
    throw new InputError(`cannot read the keyring ${path}: ${whyUnreadable(error)}`, undefined, {
      cause: error,
    });
  }
  return Buffer.concat(chunks);
}

/** Ten times what a Linux distribution has for all its developers. */
const KEYRING_LIMIT = 256 * 1024 * 1024;

function whyUnreadable(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'expected a file, found a directory';
  return messageOf(error);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
