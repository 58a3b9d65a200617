import { homedir } from 'node:os';
import type { DirectTransport } from '../http/direct.ts';
import { VERSION } from '../version.ts';

/** One of the two output streams of a run. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Whether its reader went away, as far as we know: that is found out by writing. */
  readonly isClosed: boolean;
}

/** Everything a run takes from its process; below `commands/` each effect is an argument of its own. */
export interface Context {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string | undefined;
  /** What is given on standard input; asked for by those who read it. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The time of the wall clock, in whole seconds since 1970. */
  readonly now: () => number;
  /** A random number from 0 up to but not including 1; never used for keys. */
  readonly random: () => number;
  /** Where a connection to the log was begun before the command was loaded; no other request goes that way. */
  readonly begun?: DirectTransport | undefined;
  /** Aborted when the user or the system asks the process to end. */
  readonly interrupted: AbortSignal;
}

/** The context of this process. */
export function processContext(): Context {
  const interruption = new AbortController();
  const interrupt = () => {
    // A second signal ends the process at once, as without a handler.
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
    interruption.abort();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return {
    version: VERSION,
    env: process.env,
    platform: process.platform,
    home: homeDirectory(),
    stdin: () => inputUntil(interruption.signal),
    stdout: outputTo('stdout'),
    stderr: outputTo('stderr'),
    now: () => Math.floor(Date.now() / 1000),
    random: Math.random,
    interrupted: interruption.signal,
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

async function* inputUntil(signal: AbortSignal): AsyncIterable<Uint8Array> {
  const { addAbortSignal } = await import('node:stream');
  yield* addAbortSignal(signal, process.stdin) as AsyncIterable<Buffer>;
}

/** The stream is made by Node when it is first used, which takes a millisecond each. */
function outputTo(name: 'stdout' | 'stderr'): Output {
  let opened: NodeJS.WriteStream | undefined;
  let isClosed = false;
  const onError = (error: NodeJS.ErrnoException) => {
    // A reader that went away (`… | head`) is no error of ours; anything else surfaces as an uncaught one.
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
  };
  const open = () => (opened ??= process[name].on('error', onError));
  return {
    get isClosed() {
      return isClosed;
    },
    write: (text) => open().write(text),
    get isTerminal() {
      return open().isTTY;
    },
  };
}

function homeDirectory(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined; // no HOME and no passwd entry
  }
}
