import { homedir } from 'node:os';
import type { Audience } from '../errors.ts';
import type { DirectTransport } from '../http/direct.ts';
import { pipeBehind, statsOf, writeWhole } from '../files/descriptors.ts';
import { isHangupIgnored } from '../files/ignored-hangup.ts';
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
  /** Called by a command that ends by itself after an interruption: it is not killed after {@link GRACE}. */
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
  onFirstSignal((received) => {
    interruption.abort();
    // This signal ends it as well if something does not react: file systems and name services cannot be
    // interrupted.
    if (!takesTime) setTimeout(() => process.kill(process.pid, received), GRACE).unref();
  });
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

/**
 * Calls this when the user or the system first asks the process to end: on SIGINT, on SIGTERM, and on SIGHUP unless that is
 * ignored. A second signal ends the process at once, as without a handler.
 */
function onFirstSignal(interrupt: (received: NodeJS.Signals) => void): void {
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
  if (isHangupIgnored()) process.on('SIGHUP', () => undefined);
  else signals.push('SIGHUP');
  const first = (received: NodeJS.Signals) => {
    for (const signal of signals) process.removeListener(signal, first);
    interrupt(received);
  };
  for (const signal of signals) process.on(signal, first);
}

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
