import { constants, fstatSync, openSync, writeSync, type Stats } from 'node:fs';
import type { OutputStream } from '../cli/output.ts';
import { hasCode } from '../files/error-code.ts';

/**
 * Standard output or error, as a run writes to them.
 * @param makeStream Node makes a stream when it is first used; each takes a millisecond
 */
export function streamTo(descriptor: 1 | 2, makeStream: () => NodeJS.WriteStream): OutputStream {
  let opened: NodeJS.WriteStream | undefined;
  let failure: NodeJS.ErrnoException | undefined;
  let settled = Promise.resolve();
  const fail = (error: Error | null | undefined) => {
    failure ??= error ?? undefined;
  };
  const open = () => (opened ??= makeStream().on('error', fail));
  const isFile = lazily(() => statsOf(descriptor)?.isFile() === true);
  const pipe = lazily(() => (statsOf(descriptor)?.isFIFO() === true ? pipeBehind(descriptor) : undefined));
  return {
    get failure() {
      return failure;
    },
    settled: () => settled,
    write: (text) => {
      // A stream that failed may never call back.
      if (failure !== undefined) return;
      try {
        if (isFile()) {
          writeWhole(descriptor, text);
          return;
        }
        const bytes = Buffer.from(text);
        // What a full pipe does not take waits in the stream, and what follows waits behind it.
        const rest = (opened === undefined && pipe()?.(bytes)) || bytes;
        if (rest.length === 0) return;
        settled = new Promise((resolve) => {
          open().write(rest, (error) => {
            fail(error);
            resolve();
          });
        });
      } catch (error) {
        fail(error as Error);
      }
    },
    get isTerminal() {
      return !isFile() && pipe() === undefined && open().isTTY;
    },
  };
}

/** Node's own stream to a file does not notice when a full disk takes only a part. */
function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}

/**
 * Writes to a pipe without the stream that Node makes for one, which takes a third of the CPU time of the shortest runs:
 * as much as fits at once, and returns the rest. The pipe is opened a second time, as whether a full one blocks is a
 * matter of each opening; other programs that write to it notice nothing. Undefined where the system has no such way.
 */
function pipeBehind(descriptor: number): ((bytes: Uint8Array) => Uint8Array) | undefined {
  let pipe: number;
  try {
    pipe = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  return (bytes) => {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(pipe, rest));
    } catch (error) {
      if (!hasCode(error, 'EAGAIN')) throw error;
    }
    return rest;
  };
}

function statsOf(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined; // not even open
  }
}

function lazily<T>(look: () => T): () => T {
  let seen: { readonly value: T } | undefined;
  return () => (seen ??= { value: look() }).value;
}
