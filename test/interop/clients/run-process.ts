import { execFile } from 'node:child_process';

/** What a process said. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with this environment and nothing else, whatever its exit status. */
export async function runProcess(
  command: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  return await new Promise((resolve, reject) => {
    execFile(command, argv, { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : error.code;
      if (typeof status === 'number') resolve({ status, stdout, stderr });
      else reject(error ?? new Error('no exit status'));
    });
  });
}
