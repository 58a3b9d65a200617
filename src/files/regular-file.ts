import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** A path leads to something other than a regular file: reading it might wait or go on for ever. */
export class NotRegularError extends Error {
  override readonly name = 'NotRegularError';
  readonly syscall = 'open';
  readonly code: 'EISDIR' | 'ENOTREG';

  constructor(kind: string) {
    const code = kind === DIRECTORY ? 'EISDIR' : 'ENOTREG';
    // A directory gets the code that Node uses for one.
    super(`${code === 'EISDIR' ? 'EISDIR: ' : ''}it is no regular file but ${kind}`);
    this.code = code;
  }
}

/** A file is larger than any honest one. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';

  constructor(limit: number) {
    super(`expected at most ${limit} bytes, found more`);
  }
}

/** A file that was opened, and its size in bytes at that moment. */
export interface OpenedFile {
  readonly file: FileHandle;
  readonly size: number;
}

/**
 * Opens a regular file for reading, without blocking on whatever is at the path. The kind of file is checked
 * through the descriptor, so the file cannot be exchanged between the check and the reading.
 * @throws NotRegularError if it is a directory, a pipe, a device or a socket
 * @throws the error of the file system
 */
export async function openRegular(path: string): Promise<OpenedFile> {
  const file = await open(path, WITHOUT_WAITING).catch(explain);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new NotRegularError(kindOf(stats));
    return { file, size: stats.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * All bytes of a regular file.
 * @param limit the most bytes that it may have
 * @throws NotRegularError if it is not a regular file
 * @throws TooLargeError if it has more
 * @throws the error of the file system
 */
export async function readRegular(path: string, limit = USUAL_LIMIT): Promise<Buffer> {
  const { file, size } = await openRegular(path);
  try {
    return await readAll((bytes, from) => file.read(bytes, from, bytes.length - from, null), size, limit);
  } finally {
    await file.close();
  }
}

/** Ten times what any file of settings or state has. */
export const USUAL_LIMIT = 16 << 20;

/** The flags to open what may not be a regular file. Windows has neither the flags nor such files. */
export const WITHOUT_WAITING =
  constants.O_RDONLY |
  ((constants.O_NONBLOCK as number | undefined) ?? 0) |
  ((constants.O_NOCTTY as number | undefined) ?? 0);

/** Throws an error that names the kind of file, if opening failed because of that; else the same error. */
export function explain(error: unknown): never {
  // The system's error for a socket, or for a device that does not exist.
  const isNoFile = (error as NodeJS.ErrnoException).code === 'ENXIO';
  throw isNoFile ? new NotRegularError('a socket or a device') : error;
}

/** The kind of something that is not a regular file, in words. */
export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return DIRECTORY;
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  return stats.isSocket() ? 'a socket' : 'a device';
}

const DIRECTORY = 'a directory';

/** Reads from the present position of a file into the buffer at an offset; 0 bytes at the end. */
export type Read = (bytes: Buffer, from: number) => Promise<{ readonly bytesRead: number }>;

/**
 * The whole file in one buffer, also if it has grown since its size was read.
 * @param size as the file system says it; 0 where it does not know
 */
export async function readAll(read: Read, size: number, limit: number): Promise<Buffer> {
  // One byte more than the size: a read that could have brought it, and brings none, was the last one.
  let bytes = Buffer.allocUnsafeSlow(Math.min(size, limit) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await read(bytes, length);
    length += bytesRead;
    if (length > limit) throw new TooLargeError(limit);
    if (bytesRead === 0 || length === size) return bytes.subarray(0, length);
    if (length < bytes.length) continue;
    const larger = Buffer.allocUnsafeSlow(Math.min(2 * length + 0x10000, limit + 1));
    larger.set(bytes);
    bytes = larger;
  }
}
