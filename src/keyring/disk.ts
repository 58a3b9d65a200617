import { open, type FileHandle } from 'node:fs/promises';
import { InputError, messageOf, UsageError } from '../errors.ts';

/**
 * The bytes of a file of keys that the user named. It may be a pipe, as in `--keyring <(gpg --export)`.
 * @throws InputError if it is missing, empty or unreadable
 * @throws UsageError if it is a URL
 */
export async function readKeyFile(path: string): Promise<Uint8Array> {
  if (/^[a-z]+:\/\//i.test(path))
    throw new UsageError(
      `expected a file of keys, found the URL ${path}`,
      'upload, verify, inspect and keys fetch a key with --public-key https://… --fingerprint HEX',
    );
  const bytes = await reading(path, readAll);
  if (bytes.length === 0) throw new InputError(`the keyring ${path} is empty`);
  return bytes;
}

/**
 * The bytes of a file that need not be there; `undefined` if it is not, or is empty.
 * @throws InputError if it is unreadable
 */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await reading(path, readAll);
    return bytes.length > 0 ? bytes : undefined;
  } catch (error) {
    if (error instanceof InputError && codeOf(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Up to so many bytes from the beginning of a file.
 * @throws InputError if it is missing or unreadable
 */
export async function readStart(path: string, most: number): Promise<Uint8Array> {
  return await reading(path, async (file) => {
    const bytes = Buffer.alloc(most);
    return bytes.subarray(0, await fill(file, bytes, 0));
  });
}

async function reading<T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    return await read(file);
  } catch (error) {
    const hint = codeOf(error) === 'ENOENT' ? NAME_ANOTHER : undefined;
    throw new InputError(`cannot read the keyring ${path}: ${whyUnreadable(error)}`, hint, { cause: error });
  } finally {
    await file?.close();
  }
}

/** The whole file in one piece of memory: it may have hundreds of megabytes. */
async function readAll(file: FileHandle): Promise<Uint8Array> {
  const { size } = await file.stat();
  // One byte more than there should be, because only what is not filled has ended.
  let bytes = Buffer.allocUnsafeSlow(Math.min(size, KEYRING_LIMIT) + 1);
  let length = await fill(file, bytes, 0);
  while (length === bytes.length) {
    if (length > KEYRING_LIMIT) throw new Error(`it has more than ${KEYRING_LIMIT} bytes`);
    const larger = Buffer.allocUnsafeSlow(Math.min(2 * length + 0x10000, KEYRING_LIMIT + 1));
    larger.set(bytes);
    bytes = larger;
    length = await fill(file, bytes, length);
  }
  return bytes.subarray(0, length);
}

/** Reads from where the file is until the memory is full or the file ends; says up to where there are bytes. */
async function fill(file: FileHandle, bytes: Uint8Array, from: number): Promise<number> {
  let at = from;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, null);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}

/** Ten times what a Linux distribution has for all its developers. */
const KEYRING_LIMIT = 256 * 1024 * 1024;

const NAME_ANOTHER =
  "name a file that is there with --keyring, --public-key or KEYRING, or none of them for GnuPG's own keys";

function whyUnreadable(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'expected a file, found a directory';
  return messageOf(error);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
