import { InputError, messageOf } from '../errors.ts';
import { hasCode } from './error-code.ts';
import { readNamed, type NamedFileOptions } from './named-file.ts';
import { readRegular } from './regular-file.ts';

/**
 * The bytes of a file that the user, or a variable, names. It may be a pipe, as in `--trusted-root <(command)`.
 * @throws InputError if it is missing, unreadable, larger than the limit, or a directory, a device or a socket
 */
export async function readUserFile(path: string, options: NamedFileOptions): Promise<Uint8Array> {
  const bytes = await ifThere(path, readNamed(path, options));
  if (bytes === undefined) throw new InputError(`there is no file ${path}`);
  return bytes;
}

/**
 * The bytes of a file that this program keeps; undefined if it does not exist. It must not be a pipe, because
 * reading one might wait for ever.
 * @param limit the most bytes that it may have
 * @param name what it is, for messages
 * @throws InputError if it is unreadable, larger than the limit, or no regular file
 */
export async function readOwnFile(
  path: string,
  limit: number,
  name: string,
): Promise<Uint8Array | undefined> {
  return await ifThere(name, readRegular(path, limit));
}

async function ifThere(name: string, reading: Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (hasCode(error, ...NOT_THERE)) return undefined;
    throw new InputError(`cannot read ${name}: ${messageOf(error)}`, undefined, { cause: error });
  }
}

/** A file whose name is too long for the file system cannot exist either. */
const NOT_THERE: readonly string[] = ['ENOENT', 'ENAMETOOLONG'];
