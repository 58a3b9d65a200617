import { Readable } from 'node:stream';
import type { Context } from '../../src/run/context.ts';
import { Concealed } from '../../src/cli/concealed.ts';
import { Output } from '../../src/cli/output.ts';
import { run } from '../../src/main.ts';
import { executableUnderTest, runExecutable } from './standalone.ts';

/** What a run said. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run finds of its process; the rest of the process it does not see. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly home?: string;
  /** Seconds since 1970. */
  readonly now?: number;
  /** A number from 0 up to but not including 1; with 0 a request is tried again without a pause. */
  readonly random?: () => number;
  readonly stdin?: string;
  /** Aborted when the user asks the run to end. */
  readonly interrupted?: AbortSignal;
  /** Sees each piece of stdout when it is written. */
  readonly onStdout?: (piece: string) => void;
  /** Sees what is written to stdout for programs. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** Says the time in place of `now`, each time that it is asked for. */
  readonly clock?: () => number;
  /** Sees each piece of stderr when it is written. */
  readonly onStderr?: (piece: string) => void;
  /** Whether stderr is a terminal. */
  readonly isTerminal?: boolean;
  /** Whether nobody reads stdout any more. */
  readonly isStdoutClosed?: () => boolean;
}

/** An output that takes all that is written, piece by piece. */
export function outputTo(take: (text: string) => unknown, isTerminal = false, concealed?: Concealed): Output {
  const write = (content: string | Uint8Array) => {
    take(textOf(content));
  };
  return new Output({ isTerminal, failure: undefined, settled: () => Promise.resolve(), write }, concealed);
}

/** Runs a command line through the whole program, in this process, or in that of the executable that is tested. */
export async function runProgram(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const executable = executableUnderTest();
  if (executable !== undefined) return await runExecutable(executable, argv, surroundings);
  const { env = {}, home = '/nonexistent', random = Math.random } = surroundings;
  const { now = Math.floor(Date.now() / 1000), stdin = '', onStdout, onBytes, isStdoutClosed } = surroundings;
  const { clock = () => now, onStderr, isTerminal = false } = surroundings;
  const { interrupted = new AbortController().signal } = surroundings;
  let stdout = '';
  let stderr = '';
  const concealed = new Concealed();
  const context: Context = {
    version: '0.0.0-test',
    env,
    platform: process.platform,
    home,
    stdin: () => Readable.from([Buffer.from(stdin)]),
    stdout: new Output(
      {
        isTerminal: false,
        settled: () => Promise.resolve(),
        get failure() {
          return isStdoutClosed?.() ? Object.assign(new Error('EPIPE'), { code: 'EPIPE' }) : undefined;
        },
        write: (content) => {
          const text = textOf(content);
          stdout += text;
          onStdout?.(text);
          if (typeof content !== 'string') onBytes?.(content);
        },
      },
      concealed,
    ),
    stderr: outputTo(
      (text) => {
        stderr += text;
        onStderr?.(text);
      },
      isTerminal,
      concealed,
    ),
    now: clock,
    random,
    interrupted,
    takeTime: () => undefined,
    saveMemory: () => undefined,
    optimiseLater: () => undefined,
    passSignals: () => () => undefined,
  };
  const status = await run(argv, context);
  return { status, stdout, stderr };
}

function textOf(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
}
