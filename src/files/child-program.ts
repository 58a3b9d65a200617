import { spawn } from 'node:child_process';
import { kill } from 'node:process';

/** A program to run, without a shell. */
export interface ChildProgram {
  /** A path, or a name that is looked up in `PATH`. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** An open one, which is the fourth of the program; undefined: it has none. */
  readonly descriptor?: number | undefined;
}

/** How a program ended. */
export interface EndedProgram {
  /** Undefined: a signal ended it. */
  readonly status: number | undefined;
  /** The beginning of what it wrote to stderr and stdout. */
  readonly said: string;
  /** The beginning of what it wrote to stdout. */
  readonly printed: string;
}

/**
 * Runs a program without input to its end.
 * @param limit the most bytes of each of its outputs that are kept
 * @param signal kills it, with all that it started
 * @throws the error of the system if it cannot be run
 */
export async function runProgram(
  { program, argv, env, platform, descriptor }: ChildProgram,
  limit: number,
  signal: AbortSignal,
): Promise<EndedProgram> {
  // With a group of its own, so that what it starts ends with it.
  const isLeader = platform !== 'win32';
  const passed = descriptor === undefined ? [] : [descriptor];
  const child = spawn(program, argv, {
    env,
    stdio: ['ignore', 'pipe', 'pipe', ...passed],
    detached: isLeader,
  });
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
  for (const stream of [child.stderr, child.stdout]) {
    let kept = 0;
    stream?.on('data', (piece: Buffer) => {
      if (kept < limit) {
        said.push(piece.subarray(0, limit - kept));
        if (stream === child.stdout) printed.push(piece.subarray(0, limit - kept));
      }
      kept += piece.length;
    });
  }
  try {
    return await new Promise<EndedProgram>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => {
        resolve({ status: status ?? undefined, said: textOf(said), printed: textOf(printed) });
      });
    });
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function textOf(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces).toString('utf8');
}
