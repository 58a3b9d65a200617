import { constants, fstatSync, openSync, writeSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import type { Audience } from '../errors.ts';
import type { DirectTransport } from '../http/direct.ts';
import { hasCode } from '../files/error-code.ts';
import { VERSION } from '../version.ts';
import { Output, type OutputStream } from '../cli/output.ts';
import type { PolicyInForce } from './obeyed-policy.ts';

/** Everything a run takes from its process; below `commands/` each effect is an argument of its own. */
export interface Context {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string | undefined;
  /** Standard input; opened only when it is read. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The time of the wall clock, in whole seconds since 1970. */
  readonly now: () => number;
  /** A random number from 0 up to but not including 1; never used for keys. */
  readonly random: () => number;
  /** Aborted when the user or the system asks the process to end. */
  readonly interrupted: AbortSignal;
  /** Called by what ends by itself after an interruption, before or after that: it is not killed after {@link GRACE}. */
  readonly takeTime: () => void;
}

/** What a command is given: the process, and what is known of the run by now. */
export interface RunContext extends Context {
  /**
   * Holds the connection to the log that was begun before the command was loaded; used for that log alone.
   */
  readonly begun: DirectTransport | undefined;
  /** Who runs this command; undefined: a consumer. */
  readonly audience: Audience | undefined;
  /** The policy that this run obeys; undefined: there is none. */
  readonly policy?: PolicyInForce | undefined;
  /** Takes work for later runs, to be done when all is printed; it changes neither the answer nor the status. */
  readonly afterwards: (work: () => Promise<void>) => void;
}

/** The context of this process. */
export function processContext(): Context {
  boundNameService(process.env);
  const interruption = new AbortController();
  let takesTime = false;
  const interrupt = (received: NodeJS.Signals) => {
    // A second signal ends the process at once, as without a handler.
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
    interruption.abort();
    // This signal ends it as well if something does not react: file systems and name services cannot be
    // interrupted.
    const end = () => {
      if (!takesTime) process.kill(process.pid, received);
    };
    setTimeout(end, GRACE).unref();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return {
    version: VERSION,
    env: process.env,
    platform: process.platform,
    home: homeDirectory(),
    stdin: () => inputUntil(interruption.signal),
    stdout: new Output(streamTo('stdout')),
    stderr: new Output(streamTo('stderr')),
    now: () => Math.floor(Date.now() / 1000),
    random: Math.random,
    interrupted: interruption.signal,
    takeTime: () => {
      takesTime = true;
    },
  };
}

/** Ends the process with this status when all is written, whatever else is still under way. */
export function leave(status: number): void {
  process.exitCode = status;
  const timer = setTimeout(() => {
    if (process.stdout.writableLength + process.stderr.writableLength > 0) timer.refresh();
    else process.exit();
  }, GRACE).unref();
}

/** Milliseconds that an interrupted run may still take. */
const GRACE = 1500;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A query to the name service cannot be cancelled: until it is answered, only a signal ends the process. The
 * resolver of glibc gives up after ten seconds for each server; this makes it three. A server that does not
 * answer in time is asked again, as after any transient failure.
 */
function boundNameService(env: NodeJS.ProcessEnv): void {
  env['RES_OPTIONS'] ??= 'timeout:1 attempts:2';
}

async function* inputUntil(signal: AbortSignal): AsyncIterable<Uint8Array> {
  const { addAbortSignal } = await import('node:stream');
  yield* addAbortSignal(signal, process.stdin) as AsyncIterable<Buffer>;
}

/** Node makes a stream when it is first used; each takes a millisecond. */
function streamTo(name: 'stdout' | 'stderr'): OutputStream {
  const descriptor = name === 'stdout' ? 1 : 2;
  let opened: NodeJS.WriteStream | undefined;
  let failure: NodeJS.ErrnoException | undefined;
  let settled = Promise.resolve();
  const fail = (error: Error | null | undefined) => {
    failure ??= error ?? undefined;
  };
  const open = () => (opened ??= process[name].on('error', fail));
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

function homeDirectory(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined; // no HOME and no passwd entry
  }
}
