import type { FileHandle } from 'node:fs/promises';
import { openRegular, type OpenedFile } from './regular-file.ts';

/** Larger chunks are not faster. Node's own streams of 64 KiB take a third more time, and 4 ms to load. */
const CHUNK = 1 << 20;

/**
 * The bytes of a regular file in chunks of at most a mebibyte. The next chunk is read while the caller uses
 * one.
 * @param size about the size of the file: a chunk takes no more memory than that
 * @throws NotRegularError if it is not a regular file
 * @throws the error of the file system
 */
export async function* readChunks(path: string, size: number): AsyncGenerator<Uint8Array, void, void> {
  const { file } = await openRegular(path);
  yield* chunksOf({ file, size });
}

/** The same, of a file that was opened; it is closed in the end. @throws the error of the file system */
export async function* chunksOf({ file, size }: OpenedFile): AsyncGenerator<Uint8Array, void, void> {
  let next: Promise<Uint8Array> | undefined;
  try {
    const length = Math.min(size + 1, CHUNK);
    next = readChunk(file, length);
    for (;;) {
      const chunk = await next;
      if (chunk.length === 0) return;
      next = readChunk(file, length);
      // The next `await` reports an error. Until then it must not count as an unhandled rejection.
      next.catch(() => undefined);
      yield chunk;
    }
  } finally {
    // A file cannot be closed while it is being read.
    await next?.catch(() => undefined);
    await file.close();
  }
}

async function readChunk(file: FileHandle, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(length), 0, length);
  return buffer.subarray(0, bytesRead);
}

/**
 * Chunks in memory, which can be gone through again and again.
 * @param limit of bytes
 * @returns undefined if there are more
 * @throws what reading them throws
 */
export async function holdChunks(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<(() => AsyncGenerator<Uint8Array, void, void>) | undefined> {
  const held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > limit) return undefined;
    held.push(chunk);
  }
  return inMemory(held);
}

/** Chunks that are in memory, as often as they are asked for. */
export function inMemory(chunks: readonly Uint8Array[]): () => AsyncGenerator<Uint8Array, void, void> {
  return async function* again() {
    await Promise.resolve();
    yield* chunks;
  };
}
