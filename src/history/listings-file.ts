import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../digest.ts';
import { encodeUtf8, formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { lockDirectory, LockTimeoutError } from '../files/lock.ts';
import { readRegular } from '../files/regular-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import { parseTimestamp } from '../trust/timestamp.ts';
import * as z from '../zod.ts';
import { MAX_TREES, type Listings } from './listings.ts';

const LOCK = { patience: 2000, maxAge: 10_000 };

const schema = lateSchema(() => {
  const few = z.maxLength(MAX_TREES, `at most ${MAX_TREES} trees`);
  const size = z.int('a whole number').check(z.gte(0, 'a number from 0'));
  return z.object({
    server: z.string(),
    listings: z
      .array(
        z.object({
          seen: z.optional(z.string()),
          inactive: z.array(z.object({ treeId: z.string(), size, rootHash: z.string() })).check(few),
          active: z.optional(z.string()),
        }),
      )
      .check(few),
  });
});

/**
 * What the server at this URL listed before, from its file `listings/SHA-256-OF-URL.json`. That there is none is no fault.
 * @throws MalformedError, and the error of the file system
 */
export async function readListings(directory: string, server: string): Promise<Listings> {
  try {
    return parseListings(await readRegular(pathOf(directory, server)), server);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/**
 * Changes what the server listed in one step, whoever else does the same at this moment; writes only when there is
 * something new. A file that is damaged is replaced.
 * @throws the error of the file system, and LockTimeoutError
 */
export async function updateListings(
  directory: string,
  server: string,
  change: (stored: Listings) => Listings,
): Promise<Listings> {
  const home = join(directory, 'listings');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(home, LOCK);
  try {
    const stored = await readListings(directory, server).catch(ignoreDamage);
    const changed = change(stored);
    if (changed === stored) return stored;
    // What others wrote meanwhile must not be lost.
    if (!(await lock.isHeld())) throw new LockTimeoutError(`the lock of ${home} was lost`);
    await replaceFile(pathOf(directory, server), formatListings(server, changed));
    return changed;
  } finally {
    await lock.release();
  }
}

/** Whose listings are in the bytes of such a file. @throws MalformedError */
export function listedServer(bytes: Uint8Array): string {
  return checkShape(schema(), parseJson(bytes)).server;
}

function pathOf(directory: string, server: string): string {
  return join(directory, 'listings', `${sha256Hex(encodeUtf8(server))}.json`);
}

function formatListings(server: string, listings: Listings): string {
  const content: z.input<ReturnType<typeof schema>> = {
    server,
    listings: listings.map(({ seen, inactive, active }) => ({
      ...(seen !== undefined && { seen: formatTime(seen) }),
      inactive: [...inactive],
      ...(active !== undefined && { active }),
    })),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

function parseListings(bytes: Uint8Array, server: string): Listings {
  const { server: found, listings } = checkShape(schema(), parseJson(bytes));
  if (found !== server)
    throw new MalformedError(`expected the listings of ${server}, found those of another`);
  return listings.map(({ seen, inactive, active }) => ({
    seen: seen === undefined ? undefined : parseTimestamp(seen),
    inactive,
    active,
  }));
}

function ignoreDamage(error: unknown): Listings {
  if (error instanceof MalformedError) return [];
  throw error;
}
