import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex, type Sha256 } from '../digest.ts';
import { InputError, MalformedError } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { readInside } from './file-inside.ts';
import { inMirror } from './in-mirror.ts';
import { MANIFEST, MANIFEST_LIMIT, type Manifest } from './manifest.ts';
import { parseManifest } from './parse-manifest.ts';

/** A manifest as it stands in a directory. */
export interface FoundManifest {
  readonly manifest: Manifest;
  /** Of the file. */
  readonly sha256: Sha256;
}

/** The file of the lock; it is gone when its run has ended. */
export const LOCK = '.lock';

/** Where files are that are being written, and what a run leaves that was killed. */
export const PARTIAL = '.partial';

/**
 * The manifest in a directory; undefined if it has none, or is not there.
 * @throws InputError if it cannot be read, or is malformed
 */
export async function readMirror(path: string): Promise<FoundManifest | undefined> {
  return await inMirror(path, async () => {
    const bytes = await readInside(path, MANIFEST, MANIFEST_LIMIT);
    return bytes && { manifest: manifestIn(bytes, path), sha256: sha256Hex(bytes) };
  });
}

/**
 * The manifest in a directory that is to be written to; undefined if the directory is not there, is empty, or only just
 * became a mirror.
 * @throws InputError if it cannot be read, is malformed, or is missing beside other files
 */
export async function readMirrorToWrite(path: string): Promise<FoundManifest | undefined> {
  return await inMirror(path, async () => {
    const found = await readMirror(path);
    if (found !== undefined) return found;
    const other = (await namesIn(path)).find((name) => name !== LOCK && name !== PARTIAL);
    if (other === undefined) return undefined;
    throw new InputError(
      `expected ${path} to be a mirror or an empty directory, found no ${MANIFEST} in it, but other files`,
      'name a directory that is empty or not there yet',
    );
  });
}

/**
 * The manifest that bytes spell. @throws InputError if they spell none
 * @param path the directory that they are of, for the message
 */
export function manifestIn(bytes: Uint8Array, path: string): Manifest {
  try {
    return parseManifest(bytes);
  } catch (error) {
    if (error instanceof MalformedError)
      throw new InputError(
        `${join(path, MANIFEST)} is no manifest of a mirror: ${error.message}`,
        'get it again, from whoever made the mirror: its digest is the one that helm sigstore mirror printed',
      );
    throw error;
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  return await readdir(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
}
