import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import { otherRuntime } from './standalone.ts';

/** A log that a process of its own serves, or what it said when it would not. */
export interface ServedLog {
  readonly child: ChildProcess;
  /** Undefined when it ended. */
  readonly url: string | undefined;
  /** What it wrote to stderr up to now. */
  readonly said: () => string;
  /** Fulfilled with its status when it has ended. */
  readonly ended: Promise<number | null>;
}

let program: Promise<string> | undefined;

/** Serves the log in a directory until the test has finished; `wrapper` is a command in front of it. */
export async function serveLog(directory: string, wrapper: readonly string[] = []): Promise<ServedLog> {
  program ??= bundle();
  const [command, ...args] = [...wrapper, otherRuntime() ?? process.execPath, await program, directory];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [url, said] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  child.stdout.on('data', (chunk: Buffer) => (url += chunk.toString()));
  await Promise.race([once(child.stdout, 'data'), ended]);
  return { child, url: url === '' ? undefined : url.trim(), said: () => said, ended };
}

/** The largest resident memory that the process ever had, in MiB; Linux only. */
export async function peakMemory({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmHWM:\s+([0-9]+) kB$/m.exec(status)?.[1]) / 1024;
}

/** Whether this command ends with 0, and so what it needs is there: root, Linux, a program. */
export function works(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

async function bundle(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'helm-sigstore-worker-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  const outfile = join(directory, 'serve.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'serve-worker.ts')],
    outfile,
    ...{ bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
  });
  return outfile;
}
