import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '../digest.ts';
import { chunksOf } from '../files/chunks.ts';
import { hasCode } from '../files/error-code.ts';
import { kindOf, readAll, WITHOUT_WAITING, type OpenedFile } from '../files/regular-file.ts';
import type { MirroredFile } from './manifest.ts';

/** What stands in a mirror where a file should be: nothing is read through it, and nothing written. */
export class OddFileError extends Error {
  override readonly name = 'OddFileError';

  /** @param kind such as `a symbolic link` */
  constructor(
    readonly path: string,
    readonly kind: string,
  ) {
    super(`${path} is no regular file but ${kind}`);
  }
}

/**
 * Size and digest of a file below a directory; undefined if there is none. Links are never followed, neither one in
 * place of the file nor one in place of its folder.
 * @throws OddFileError if something else is there
 * @throws the error of the file system
 */
export async function measureInside(directory: string, path: string): Promise<MirroredFile | undefined> {
  const opened = await openInside(directory, path);
  if (opened === undefined) return undefined;
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of chunksOf(opened)) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { path, size, sha256: hash.digest('hex') as Sha256 };
}

/**
 * The bytes of such a file; undefined if there is none.
 * @throws OddFileError and the error of the file system, as {@link measureInside} does
 * @throws TooLargeError if it has more bytes than the limit
 */
export async function readInside(
  directory: string,
  path: string,
  limit: number,
): Promise<Uint8Array | undefined> {
  const opened = await openInside(directory, path);
  if (opened === undefined) return undefined;
  const { file, size } = opened;
  try {
    return await readAll((bytes, from) => file.read(bytes, from, bytes.length - from, null), size, limit);
  } finally {
    await file.close();
  }
}

/** What is at a path below a directory, in words; undefined if it is a regular file, or nothing. */
export async function oddityAt(directory: string, path: string): Promise<string | undefined> {
  const found = await lstat(join(directory, path)).catch(ifMissing);
  return found === undefined || found.isFile() ? undefined : kindOf(found);
}

async function openInside(directory: string, path: string): Promise<OpenedFile | undefined> {
  const slash = path.lastIndexOf('/');
  if (slash >= 0) await requireFolder(directory, path.slice(0, slash));
  const odd = await oddityAt(directory, path);
  if (odd !== undefined) throw new OddFileError(path, odd);
  const file = await open(join(directory, path), UNFOLLOWED).catch((error: unknown) => {
    // Since the look at it, a link was put there.
    if (hasCode(error, 'ELOOP')) throw new OddFileError(path, 'a symbolic link');
    ifMissing(error);
    return undefined;
  });
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new OddFileError(path, kindOf(stats));
    return { file, size: stats.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A folder of a mirror, if it is there, is one, and no link to one. @throws OddFileError */
export async function requireFolder(directory: string, folder: string): Promise<void> {
  const found: Stats | undefined = await lstat(join(directory, folder)).catch(ifMissing);
  if (found !== undefined && !found.isDirectory()) throw new OddFileError(folder, kindOf(found));
}

/** Windows has no such flag. */
const UNFOLLOWED = WITHOUT_WAITING | ((constants.O_NOFOLLOW as number | undefined) ?? 0);

function ifMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
}
