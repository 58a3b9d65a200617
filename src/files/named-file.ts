import { close, fstat, open, read, type Stats } from 'node:fs';
import {
  explain,
  kindOf,
  NotRegularError,
  readAll,
  TooLargeError,
  USUAL_LIMIT,
  WITHOUT_WAITING,
} from './regular-file.ts';

/** How a file that the user named is read. */
export interface NamedFileOptions {
  /** The most bytes that it may have. */
  readonly limit?: number;
  /** Ends the waiting for the other end of a pipe. */
  readonly interrupted?: AbortSignal | undefined;
}

/**
 * All bytes of a file that the user named. Unlike one that was found somewhere it may be a pipe, as in
 * `--keyring <(gpg --export)`: that is read until its other end is closed, or the run is interrupted.
 * @throws NotRegularError if it is a directory, a device or a socket
 * @throws TooLargeError if it has more bytes than the limit
 * @throws the error of the file system, or an error that says that it was interrupted
 */
export async function readNamed(
  path: string,
  { limit = USUAL_LIMIT, interrupted }: NamedFileOptions = {},
): Promise<Buffer> {
  let fd: number | undefined = await openFile(path).catch(explain);
  try {
    const stats = await statOf(fd);
    if (stats.isFIFO()) {
      const piped = readPipe(fd, limit, interrupted);
      // The stream closes the descriptor.
      fd = undefined;
      return await piped;
    }
    if (!stats.isFile()) throw new NotRegularError(kindOf(stats));
    const file = fd;
    return await readAll(
      async (bytes, from) => ({ bytesRead: await readFrom(file, bytes, from) }),
      stats.size,
      limit,
    );
  } finally {
    if (fd !== undefined) await closeFile(fd);
  }
}

// Not a FileHandle: it would close its descriptor, which the socket of a pipe must own alone.
const openFile = (path: string) =>
  promised<number>((done) => {
    open(path, WITHOUT_WAITING, done);
  });
const statOf = (fd: number) =>
  promised<Stats>((done) => {
    fstat(fd, done);
  });
const readFrom = (fd: number, bytes: Buffer, from: number) =>
  promised<number>((done) => {
    read(fd, bytes, from, bytes.length - from, null, done);
  });
const closeFile = (fd: number) =>
  promised<unknown>((done) => {
    close(fd, (error) => {
      done(error ?? null, undefined);
    });
  });

/** Like `promisify` of node:util, which no run should load only for this. */
function promised<T>(call: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error === null) resolve(value);
      else reject(error);
    });
  });
}

/**
 * Reads a pipe without blocking: only when there are bytes to read. So it can be interrupted at any moment.
 */
async function readPipe(fd: number, limit: number, interrupted: AbortSignal | undefined): Promise<Buffer> {
  const { Socket } = await import('node:net');
  const pipe = new Socket({ fd, readable: true, writable: false });
  const giveUp = () => {
    pipe.destroy(new Error('interrupted before the pipe had an end'));
  };
  if (interrupted?.aborted === true) giveUp();
  interrupted?.addEventListener('abort', giveUp);
  try {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of pipe as AsyncIterable<Uint8Array>) {
      size += piece.length;
      if (size > limit) throw new TooLargeError(limit);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } finally {
    interrupted?.removeEventListener('abort', giveUp);
    pipe.destroy();
  }
}
