import { lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory that only the user can enter, below one that only the user can write to. Returns whether
 * both hold. An existing directory is not changed.
 * @param uid of the user
 */
export function makeOwnDirectory(directory: string, uid: number): boolean {
  try {
    if (!isOwn(dirname(directory), uid, WRITTEN_BY_OTHERS)) return false;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return isOwn(directory, uid, USED_BY_OTHERS);
  } catch {
    return false; // missing, or not to be written to
  }
}

const WRITTEN_BY_OTHERS = 0o022;
const USED_BY_OTHERS = 0o077;

/** Whether a directory belongs to the user, and has none of the forbidden permission bits. */
function isOwn(directory: string, uid: number, forbidden: number): boolean {
  const found = lstatSync(directory);
  return found.isDirectory() && found.uid === uid && (found.mode & forbidden) === 0;
}
