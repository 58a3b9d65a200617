import { basename } from 'node:path';
import { InputError, MalformedError } from '../errors.ts';
import { readStart } from './disk.ts';
import { list, listFiles } from './folder.ts';
import { ForeignFileError } from './foreign-file.ts';
import { scanKeyFile } from './key-file.ts';

/**
 * Refuses a folder without files of keys, and says what one of its files is instead, if that is known.
 * @throws InputError
 */
export async function refuseFolder(folder: string): Promise<never> {
  const expected = `the folder ${folder} holds no files of OpenPGP keys`;
  const files = await listFiles(folder, await list(folder));
  for (const path of files.slice(0, MOST_DESCRIBED)) {
    const kind = foreignKindOf(await readStart(path, DESCRIBED));
    if (kind !== undefined)
      throw new InputError(`${expected}: ${basename(path)} is ${kind.found}`, kind.hint);
  }
  const what = files.length === 0 ? 'there are no files in it' : `none of its ${files.length} files is one`;
  throw new InputError(
    `${expected}: ${what}`,
    'name a file of public keys, such as gpg --armor --export FINGERPRINT writes, or the folder in which it lies',
  );
}

/** How many files are looked at, and how many octets of each. */
const MOST_DESCRIBED = 100;
const DESCRIBED = 64 * 1024;

/** What a file is that begins with these bytes and holds no keys; `undefined` if that is unknown. */
function foreignKindOf(start: Uint8Array): ForeignFileError | undefined {
  try {
    scanKeyFile(start);
    return undefined;
  } catch (error) {
    if (error instanceof ForeignFileError) return error;
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
