import { spawn } from 'node:child_process';
import { kill } from 'node:process';
import type { Readable, Writable } from 'node:stream';

/** A program to run, without a shell. */
export interface ChildProgram {
  /** A path, or a name that is looked up in `PATH`. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** An open one, which is the fourth of the program; undefined: it has none. */
  readonly descriptor?: number | undefined;
  /** Where it runs; undefined: where this process does. */
  readonly cwd?: string | undefined;
  /** What it reads from its standard input; undefined: nothing. */
  readonly input?: Uint8Array | undefined;
  /** What it reads from its fourth descriptor, {@link SECRET_DESCRIPTOR}, where others cannot see it; undefined: it has none. */
  readonly secret?: Uint8Array | undefined;
}

/** The number of the descriptor from which a program reads its secret. */
export const SECRET_DESCRIPTOR = 3;

/** How a program ended. */
export interface EndedProgram {
  /** Undefined: a signal ended it. */
  readonly status: number | undefined;
  /** The beginning of what it wrote to stderr and stdout. */
  readonly said: string;
  /** The beginning of what it wrote to stdout. */
  readonly printed: string;
  /** The same, which need not be text. */
  readonly bytes: Uint8Array;
  /** The beginning of what it wrote to stderr. */
  readonly complained: string;
}

/**
 * Runs a program to its end.
 * @param limit the most bytes of each of its outputs that are kept
 * @param signal kills it, with all that it started
 * @throws the error of the system if it cannot be run
 */
export async function runProgram(
  { program, argv, env, platform, cwd, input, secret, descriptor }: ChildProgram,
  limit: number,
  signal: AbortSignal,
): Promise<EndedProgram> {
  // With a group of its own, so that what it starts ends with it.
  const isLeader = platform !== 'win32';
  // The fourth descriptor of the program is either.
  const fourth = secret ? ['pipe' as const] : descriptor === undefined ? [] : [descriptor];
  const child = spawn(program, argv, {
    env,
    ...(cwd !== undefined && { cwd }),
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe', ...fourth],
    detached: isLeader,
  });
  give(child.stdio[0], input);
  give(child.stdio[SECRET_DESCRIPTOR], secret);
  const end = () => {
    if (child.pid === undefined) return;
    try {
      kill(isLeader ? -child.pid : child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  const said: Buffer[] = [];
  const printed: Buffer[] = [];
  const complained: Buffer[] = [];
  for (const [stream, own] of [
    [child.stderr, complained],
    [child.stdout, printed],
  ] as const) {
    let kept = 0;
    stream?.on('data', (piece: Buffer) => {
      if (kept < limit) for (const pieces of [said, own]) pieces.push(piece.subarray(0, limit - kept));
      kept += piece.length;
    });
  }
  try {
    return await new Promise<EndedProgram>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => {
        resolve({
          status: status ?? undefined,
          said: textOf(said),
          printed: textOf(printed),
          bytes: Buffer.concat(printed),
          complained: textOf(complained),
        });
      });
    });
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** Writes bytes for a program, which need not read them: what it makes of that shows in how it ends. */
function give(stream: Readable | Writable | null | undefined, bytes: Uint8Array | undefined): void {
  if (bytes === undefined || !stream || !('write' in stream)) return;
  stream.on('error', () => undefined);
  stream.end(bytes);
}

function textOf(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).toString('utf8');
}
