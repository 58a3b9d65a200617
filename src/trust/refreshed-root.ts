import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../files/error-code.ts';
import * as z from '../zod.ts';
import { formatTime } from '../encoding.ts';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import { readRegular } from '../files/regular-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import { parseTimestamp } from './timestamp.ts';
import { parseTrustedRoot, type RootLog } from './trusted-root.ts';
import type { TufMetadata } from './tuf.ts';

/**
 * Sigstore's trusted root as its TUF repository proved it, and the metadata that the next one must not roll
 * back.
 */
export interface RefreshedRoot {
  /** The URL of the repository. */
  readonly repository: string;
  /** Seconds since 1970. */
  readonly refreshedAt: number;
  /** JSON, a trusted root. */
  readonly trustedRoot: unknown;
  /** JSON: which servers sign, as the same repository proved it; undefined: it had none. */
  readonly signingConfig?: unknown;
  readonly logs: readonly RootLog[];
  readonly metadata: TufMetadata;
}

const schema = lateSchema(() =>
  z.strictObject({
    repository: z.string(),
    refreshedAt: z.string(),
    trustedRoot: z.unknown(),
    signingConfig: z.optional(z.unknown()),
    metadata: z.strictObject({
      root: z.string(),
      timestamp: z.string(),
      snapshot: z.string(),
      targets: z.string(),
    }),
  }),
);

/** The path of the copy in the directory. */
export function refreshedRootPath(directory: string): string {
  return join(directory, 'sigstore.json');
}

/**
 * The copy of the last refresh; undefined if there was none.
 * @throws InputError if it cannot be read, or is damaged
 */
export async function readRefreshedRoot(directory: string): Promise<RefreshedRoot | undefined> {
  const path = refreshedRootPath(directory);
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  try {
    const { refreshedAt, trustedRoot, ...content } = checkShape(schema(), parseJson(bytes));
    const logs = parseTrustedRoot(trustedRoot);
    return { ...content, refreshedAt: parseTimestamp(refreshedAt), trustedRoot, logs };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`the copy of Sigstore's trusted root ${path} is damaged: ${error.message}`);
  }
}

/**
 * Keeps a copy, in one step in place of an older one.
 * @throws InputError if it cannot be written
 */
export async function writeRefreshedRoot(directory: string, root: RefreshedRoot): Promise<void> {
  const { repository, refreshedAt, trustedRoot, signingConfig, metadata } = root;
  const content = { repository, refreshedAt: formatTime(refreshedAt), trustedRoot, signingConfig, metadata };
  await write(directory, refreshedRootPath(directory), `${JSON.stringify(content, undefined, 2)}\n`);
}

/**
 * Notes that a refresh is tried at this time, in seconds since 1970.
 * @throws InputError if it cannot be written: then the copy could not be written either
 */
export async function noteAttempt(directory: string, now: number): Promise<void> {
  await write(directory, attemptPath(directory), `${formatTime(now)}\n`);
}

/** When a refresh was last tried, in seconds since 1970; undefined if that is not known. */
export async function lastAttempt(directory: string): Promise<number | undefined> {
  try {
    return parseTimestamp((await readRegular(attemptPath(directory))).toString().trim());
  } catch {
    return undefined; // never tried, or a note that cannot be read: then it is tried
  }
}

function attemptPath(directory: string): string {
  return join(directory, 'last-attempt');
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readRegular(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new InputError(`cannot read the copy of Sigstore's trusted root ${path}: ${messageOf(error)}`);
  }
}

async function write(directory: string, path: string, text: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await replaceFile(path, text);
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${messageOf(error)}`);
  }
}
