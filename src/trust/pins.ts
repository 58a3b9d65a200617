import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from '../zod.ts';
import { encodeUtf8, formatTime } from '../encoding.ts';
import { sha256Hex } from '../digest.ts';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import { replaceFile } from '../files/replace-file.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import { logKeyFromPem, type LogKey } from '../tlog/log-key.ts';
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
 * @throws InputError if there is a file that cannot be read or is no pin of this log: it is never passed over
 */
export async function readPin(
  directory: string,
  url: string,
): Promise<(Pin & { readonly path: string }) | undefined> {
  const path = join(directory, fileName(url));
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new InputError(`cannot read the pin ${path}: ${messageOf(error)}`);
  }
  try {
    return { ...parsePin(bytes, url), path };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(
      `the pin ${path} is damaged: ${error.message}`,
      `pin the log again with helm sigstore log pin ${url}`,
    );
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
    throw new InputError(`cannot write the pin ${path}: ${messageOf(error)}`);
  }
  return path;
}

function parsePin(bytes: Uint8Array, url: string): Pin {
  const pin = checkShape(schema(), parseJson(bytes));
  if (pin.url !== url) throw new MalformedError(`expected the keys of ${url}, found those of ${pin.url}`);
  const keys = pin.keys.map(logKeyFromPem);
  const fingerprints = keys.map(({ logId }) => logId);
  if (fingerprints.join() !== pin.fingerprints.join())
    throw new MalformedError(
      `its keys have the fingerprints ${fingerprints.join(', ')}, not those that it says`,
    );
  return { url, keys, pinnedAt: parseTimestamp(pin.pinnedAt) };
}

// For people the host, for the machine a name that no two URLs share on any file system.
function fileName(url: string): string {
  const host = new URL(url).hostname.replace(/[^a-z0-9.-]/g, '_');
  return `${host}-${sha256Hex(encodeUtf8(url)).slice(0, 16)}.json`;
}
