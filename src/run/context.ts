import { homedir } from 'node:os';
import type { Audience } from '../errors.ts';
import type { DirectTransport } from '../http/direct.ts';
import { isHangupIgnored } from '../files/ignored-hangup.ts';
import type { PassSignals } from '../files/inherited-program.ts';
import { VERSION } from '../version.ts';
import { Concealed } from '../cli/concealed.ts';
import { Output } from '../cli/output.ts';
import { growHeapSlowly, optimiseLater } from './heap.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { streamTo } from './process-streams.ts';

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
  /** Called before many things are worked on. What is loaded later is compiled anew, so it is not called for a few. */
  readonly saveMemory: () => void;
  /** Called before more than a few things are worked on; the same holds of it. */
  readonly optimiseLater: () => void;
  /** Gives the signals of the process to a program that takes its place. They end this process no longer. */
  readonly passSignals: PassSignals;
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
  const concealed = new Concealed();
  const ignoreSignals = onFirstSignal((received) => {
    interruption.abort();
    // This signal ends it as well if something does not react: file systems and name services cannot be
    // interrupted.
    const end = () => {
      if (!takesTime) process.kill(process.pid, received);
    };
    setTimeout(end, GRACE).unref();
  });
  return {
    version: VERSION,
    env: process.env,
    platform: process.platform,
    home: homeDirectory(),
    stdin: () => inputUntil(interruption.signal),
    stdout: new Output(
      streamTo(1, () => process.stdout),
      concealed,
    ),
    stderr: new Output(
      streamTo(2, () => process.stderr),
      concealed,
    ),
    now: () => Math.floor(Date.now() / 1000),
    random: Math.random,
    interrupted: interruption.signal,
    saveMemory: growHeapSlowly,
    optimiseLater: () => {
      optimiseLater();
    },
    takeTime: () => {
      takesTime = true;
    },
    passSignals: (receive) => {
      ignoreSignals();
      const passed: NodeJS.Signals[] = [...endingSignals(), 'SIGQUIT'];
      for (const signal of passed) process.on(signal, receive);
      return () => {
        for (const signal of passed) process.removeListener(signal, receive);
      };
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

/** By which a user or the system asks the process to end: SIGHUP too, unless that is ignored. */
function endingSignals(): NodeJS.Signals[] {
  return isHangupIgnored() ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
}

/**
 * Calls this when the first of those signals comes. A second one ends the process at once, as without a handler. Returns a
 * function that ends the waiting for the first.
 */
function onFirstSignal(interrupt: (received: NodeJS.Signals) => void): () => void {
  const signals = endingSignals();
  if (!signals.includes('SIGHUP')) process.on('SIGHUP', () => undefined);
  const stop = () => {
    for (const signal of signals) process.removeListener(signal, first);
  };
  const first = (received: NodeJS.Signals) => {
    stop();
    interrupt(received);
  };
  for (const signal of signals) process.on(signal, first);
  return stop;
}

/**
 * A query to the name service cannot be cancelled: until it is answered, only a signal ends the process. The
 * resolver of glibc gives up after ten seconds for each server; this makes it three. A server that does not
 * answer in time is asked again, as after any transient failure. The runtime in the standalone executable hands the
 * resolver what was set when it started, so there the limit for a connection ends that, with another text.
 */
function boundNameService(env: NodeJS.ProcessEnv): void {
  env['RES_OPTIONS'] ??= 'timeout:1 attempts:2';
}

async function* inputUntil(signal: AbortSignal): AsyncIterable<Uint8Array> {
  const { addAbortSignal } = await import('node:stream');
  yield* addAbortSignal(signal, process.stdin) as AsyncIterable<Buffer>;
}

function homeDirectory(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined; // no HOME and no passwd entry
  }
}
