import { InputError, messageOf } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { readNamed } from '../files/named-file.ts';
import { openRegular, readRegular } from '../files/regular-file.ts';

/**
 * The bytes of a file of keys that the user named. It may be a pipe, as in `--keyring <(gpg --export)`.
 * @param interrupted ends the waiting for a pipe
 * @throws InputError if it is missing, empty or unreadable
 */
export async function readKeyFile(path: string, interrupted?: AbortSignal): Promise<Uint8Array> {
  const bytes = await reading(path, async () => await readNamed(path, { limit: KEYRING_LIMIT, interrupted }));
  if (bytes.length === 0) throw new InputError(`the keyring ${path} is empty`);
  return bytes;
}

/**
 * The bytes of a file that need not be there; `undefined` if it is not, or is empty.
 * @throws InputError if it is unreadable
 */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await reading(path, async () => await readRegular(path, KEYRING_LIMIT));
    return bytes.length > 0 ? bytes : undefined;
  } catch (error) {
    if (error instanceof InputError && hasCode(error.cause, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Up to so many bytes from the beginning of a file.
 * @throws InputError if it is missing or unreadable
 */
export async function readStart(path: string, most: number): Promise<Uint8Array> {
  return await reading(path, async () => {
    const { file } = await openRegular(path);
    try {
      const bytes = Buffer.alloc(most);
      let length = 0;
      for (let read = -1; read !== 0 && length < most; length += read)
        ({ bytesRead: read } = await file.read(bytes, length, most - length, null));
      return bytes.subarray(0, length);
    } finally {
      await file.close();
    }
  });
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const hint = hasCode(error, 'ENOENT') ? NAME_ANOTHER : undefined;
    throw new InputError(`cannot read the keyring ${path}: ${whyUnreadable(error)}`, hint, { cause: error });
  }
}

/** Ten times what a Linux distribution has for all its developers. */
const KEYRING_LIMIT = 256 * 1024 * 1024;

const NAME_ANOTHER =
  'name a file that is there with --keyring, --public-key or KEYRING, or none of them for the keys of GnuPG and of helm sigstore keys add';

function whyUnreadable(error: unknown): string {
  if (hasCode(error, 'ENOENT')) return 'there is no such file';
  if (hasCode(error, 'EISDIR')) return 'expected a file, found a directory';
  return messageOf(error);
}
