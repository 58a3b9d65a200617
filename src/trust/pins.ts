import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../files/error-code.ts';
import * as z from '../zod.ts';
import { encodeUtf8, excerpt, formatTime } from '../encoding.ts';
import { sha256Hex } from '../digest.ts';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import { replaceFile } from '../files/replace-file.ts';
import { readOwnFile } from '../files/user-file.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import { logKeyFromPem, type LogKey } from '../tlog/log-key.ts';
import { inUtf8 } from '../user-text.ts';
import { parseTimestamp } from './timestamp.ts';

/** The keys of a log that a user decided to trust. */
export interface Pin {
  readonly url: string;
  readonly keys: readonly LogKey[];
  /** Seconds since 1970. */
  readonly pinnedAt: number;
}

const schema = lateSchema(() =>
  z.strictObject({
    url: z.string(),
    keys: z.array(z.string()).check(z.minLength(1, 'at least one key')),
    fingerprints: z.array(z.string()),
    pinnedAt: z.string(),
  }),
);

/**
 * The pin of the log at this URL, and its file; undefined if it was never pinned.
 * @throws InputError if its file cannot be read or is not a pin of this log: a damaged pin is never ignored
 */
export async function readPin(
  directory: string,
  url: string,
): Promise<(Pin & { readonly path: string }) | undefined> {
  const path = join(directory, fileName(url));
  const bytes = await readOwnFile(path, LIMIT, `the pin ${path}`);
  if (bytes === undefined) return undefined;
  try {
    const pin = parsePin(bytes);
    if (pin.url !== url) throw new MalformedError(`expected the keys of ${url}, found those of ${pin.url}`);
    return { ...pin, path };
  } catch (error) {
    throw damaged(path, error, `pin the log again with helm sigstore log pin ${url}`);
  }
}

/** The contents of the directory of the pins. */
export interface PinList {
  /** In the order of their URLs. */
  readonly pins: readonly (Pin & { readonly path: string })[];
  /** An error for each file that cannot be read as a pin. */
  readonly problems: readonly InputError[];
}

/** All pins. @throws InputError if the directory cannot be read */
export async function listPins(directory: string): Promise<PinList> {
  const pins: PinList['pins'][number][] = [];
  const problems: InputError[] = [];
  for (const name of (await namesIn(directory)).filter((each) => FILE_NAME.test(each)).sort()) {
    const path = join(directory, name);
    try {
      const bytes = await readOwnFile(path, LIMIT, `the pin ${path}`);
      if (bytes !== undefined) pins.push({ ...pinNamed(name, bytes), path });
    } catch (error) {
      problems.push(error instanceof InputError ? error : damaged(path, error, `remove ${path}`));
    }
  }
  return { pins: pins.sort((a, b) => (a.url < b.url ? -1 : 1)), problems };
}

/**
 * Removes the pin of the log at this URL, even a damaged one; says whether there was one.
 * @throws InputError
 */
export async function removePin(directory: string, url: string): Promise<boolean> {
  const path = join(directory, fileName(url));
  try {
    await rm(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw new InputError(`cannot remove the pin ${path}: ${messageOf(error)}`, NEEDS_DIRECTORY);
  }
}

/**
 * Writes the pin of a log, in one step, in place of an older one, and returns the path of its file.
 * @throws InputError if it cannot be written
 */
export async function writePin(directory: string, { url, keys, pinnedAt }: Pin): Promise<string> {
  const path = join(directory, fileName(url));
  const content = {
    url,
    keys: keys.map(({ publicKey }) => publicKey.export({ format: 'pem', type: 'spki' })),
    fingerprints: keys.map(({ logId }) => logId),
    pinnedAt: formatTime(pinnedAt),
  };
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await replaceFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
  } catch (error) {
    throw new InputError(`cannot write the pin ${path}: ${messageOf(error)}`, NEEDS_DIRECTORY);
  }
  return path;
}

const NEEDS_DIRECTORY = 'make the directory writable, or set HELM_CONFIG_HOME to another one';

/** A log has a few keys. */
const LIMIT = 1024 * 1024;

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw new InputError(`cannot read the directory of pins ${directory}: ${messageOf(error)}`);
  }
}

/** A pin counts for the URL that its file is named after, and for no other. */
function pinNamed(name: string, bytes: Uint8Array): Pin {
  const pin = parsePin(bytes);
  if (!URL.canParse(pin.url) || fileName(pin.url) !== name)
    throw new MalformedError(`its file is not the one for ${excerpt(pin.url)}`);
  return pin;
}

function damaged(path: string, error: unknown, hint: string): InputError {
  if (!(error instanceof MalformedError)) throw error;
  return new InputError(`the pin ${path} is damaged: ${error.message}`, hint);
}

function parsePin(bytes: Uint8Array): Pin {
  const pin = checkShape(schema(), parseJson(inUtf8(bytes)));
  const keys = pin.keys.map(logKeyFromPem);
  const fingerprints = keys.map(({ logId }) => logId);
  if (fingerprints.join() !== pin.fingerprints.join())
    throw new MalformedError(
      `its keys have the fingerprints ${fingerprints.join(', ')}, not those that it says`,
    );
  return { url: pin.url, keys, pinnedAt: parseTimestamp(pin.pinnedAt) };
}

/** Other files in the directory are half-written pins, or not ours. */
const FILE_NAME = /-[0-9a-f]{16}\.json$/;

// The host is for people. The digest gives each URL a file of its own on every file system.
function fileName(url: string): string {
  const host = new URL(url).hostname.replace(/[^a-z0-9.-]/g, '_');
  return `${host}-${sha256Hex(encodeUtf8(url)).slice(0, 16)}.json`;
}
