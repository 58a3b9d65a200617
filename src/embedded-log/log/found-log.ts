import { open } from 'node:fs/promises';
import { InputError } from '../../errors.ts';
import { hasCode } from '../../files/error-code.ts';
import type { Acknowledged } from '../journal/acknowledged.ts';
import { isOldRecord } from '../journal/old-record.ts';

/**
 * What is in the file of records of a log: nothing, or the format of a version, of which 3 stands for this one and all later
 * ones.
 * @param last what was acknowledged, if that is known
 * @throws InputError when the file is missing, or older than the rest of the directory
 */
export async function findLog(path: string, last: Acknowledged | undefined): Promise<0 | 1 | 2 | 3> {
  const start = await startOf(path);
  if (start === undefined && last !== undefined)
    throw new InputError(`${path} is missing`, 'restore it from a backup');
  const version = versionIn(start ?? new Uint8Array());
  if (last === undefined) return version;
  if (version === 1) throw olderThanItsDirectory(path, 'version 0.4.0');
  if (version === 2 && last.unit === 'size') throw olderThanItsDirectory(path, 'an earlier version');
  // A file that was emptied is damaged, and no new log.
  return version === 2 ? 2 : 3;
}

/**
 * Refuses what is no log of this format.
 * @param directory as the user wrote it
 * @throws InputError when there is no log, or one of an earlier version, and as `findLog`
 */
export async function requireLog(path: string, directory: string, last?: Acknowledged): Promise<void> {
  const version = await findLog(path, last);
  if (version === 3) return;
  const isNone = version === 0;
  throw new InputError(
    isNone
      ? `expected the log of helm sigstore in ${directory}, found none`
      : `the log in ${directory} has the format of an earlier version`,
    isNone ? 'name its directory with --dir' : '"helm sigstore log serve" brings it to the present one',
  );
}

/** A crash during the very first start of version 0.4.0 left an empty file, or less than a line. */
function versionIn(start: Uint8Array): 0 | 1 | 2 | 3 {
  if (start.length === 0) return 0;
  const newline = start.indexOf(0x0a);
  const line = newline < 0 ? start : start.subarray(0, newline);
  if (isOldRecord(line)) return newline < 0 && start.length < FIRST_LINE ? 0 : 1;
  return Buffer.from(line).toString('latin1').startsWith('{"version":2,') ? 2 : 3;
}

/** The error for an old file in an upgraded directory: it lacks the entries and promises since the upgrade. */
function olderThanItsDirectory(path: string, version: string): InputError {
  return new InputError(
    `${path} has the format of ${version}, and the log in its directory was upgraded since: this copy lacks what came then`,
    'put back the newest copy of the whole directory, not of this file alone',
  );
}

/** More bytes than the first record of an old version has. */
const FIRST_LINE = 4096;

async function startOf(path: string): Promise<Uint8Array | undefined> {
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_LINE), 0, FIRST_LINE, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
