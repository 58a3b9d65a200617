import type { OutputStream } from '../cli/output.ts';
import { pipeBehind, statsOf, writeWhole } from '../files/descriptors.ts';

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
    write: (content) => {
      // A stream that failed may never call back.
      if (failure !== undefined) return;
      try {
        if (isFile()) {
          writeWhole(descriptor, content);
          return;
        }
        const bytes = Buffer.from(content);
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

function lazily<T>(look: () => T): () => T {
  let seen: { readonly value: T } | undefined;
  return () => (seen ??= { value: look() }).value;
}
