import { constants, fstatSync, openSync, writeSync, type Stats } from 'node:fs';
import { platform } from 'node:process';
import { hasCode } from './error-code.ts';

/** Node's own stream to a file does not notice when a full disk takes only a part. */
export function writeWhole(descriptor: number, content: string | Uint8Array): void {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}

/**
 * Writes to a pipe without the stream that Node makes for one, which takes a third of the CPU time of the shortest runs:
 * as much as fits at once, and returns the rest. The pipe is opened a second time, as whether a full one blocks is a
 * matter of each opening; other programs that write to it notice nothing. Undefined where the system has no such way: on Windows
 * the path is one of the current drive, where anybody may have put a file that would swallow the output.
 * @param system the platform; for tests
 */
export function pipeBehind(
  descriptor: number,
  system: NodeJS.Platform = platform,
): ((bytes: Uint8Array) => Uint8Array) | undefined {
  if (system !== 'linux') return undefined;
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

/** What is known of what is behind a descriptor; undefined: it is not even open. */
export function statsOf(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor);
  } catch {
    return undefined;
  }
}
