import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import { otherRuntime } from './standalone.ts';

/** How a process ended, and what it said. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What runs a file of JavaScript, with the function `gc` where it collects garbage. */
const other = otherRuntime();
export const RUNTIME: readonly [string, ...string[]] =
  other === undefined ? [process.execPath, '--expose-gc'] : [other, '--expose-gc'];

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A file in this directory that Node can run, of a program in TypeScript that imports from `./src`. */
export async function bundle(program: string, directory: string): Promise<string> {
  const outfile = join(directory, 'program.cjs');
  await build({
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    define: { __VERSION__: '"0.0.0-test"' },
    // As scripts/build.mjs bundles them.
    alias: {
      openpgp: join(root, 'node_modules/openpgp/dist/lightweight/openpgp.mjs'),
      'js-yaml': join(root, 'node_modules/js-yaml/dist/js-yaml.cjs.js'),
    },
  });
  return outfile;
}

/** The whole program, which collects garbage all the time, and does nothing to end but what it does by itself. */
export const COLLECTING_PROGRAM = `
  import { processContext, run } from './src/main.ts';
  setInterval(() => gc(), 50).unref();
  run(process.argv.slice(2), processContext()).then((status) => (process.exitCode = status));
`;

/**
 * The whole program, which says at its end how many KiB were resident at most; Linux only. What Node says of that is at
 * least what this process had when it started that one.
 */
export const MEASURED_PROGRAM = `
  import { readFileSync } from 'node:fs';
  import { processContext, run } from './src/main.ts';
  run(process.argv.slice(2), processContext()).then((status) => {
    process.exitCode = status;
    const [, peak] = /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    process.stderr.write('Peak: ' + peak + '\\n');
  });
`;

/** MiB, as such a program said at its end. */
function peakIn({ stderr }: Pick<Ended, 'stderr'>): number {
  return Number(/Peak: ([0-9]+)/.exec(stderr)?.[1]) / 1024;
}

/** What a measured program said, and its largest size in MiB. */
export interface MeasuredEnd extends Ended {
  readonly peak: number;
}

/**
 * Runs such a program to its end. A run that was not below the limit is made again, twice at most, and the smallest counts: what
 * the garbage collector leaves for later only adds to a size, now more and now less.
 * @param limit MiB
 */
export async function smallestRun(
  limit: number,
  ...[file, argv, env]: Parameters<typeof startNode>
): Promise<MeasuredEnd> {
  let smallest: MeasuredEnd | undefined;
  for (let run = 0; run < 3 && (smallest?.peak ?? limit) >= limit; run++) {
    const ended = await endOf(startNode(file, argv, env));
    const peak = peakIn(ended);
    if (smallest === undefined || peak < smallest.peak) smallest = { ...ended, peak };
  }
  if (smallest === undefined) throw new Error('there was no run');
  return smallest;
}

/** Starts such a file in a process that ends with the test. */
export function startNode(
  file: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  const inherited = { PATH: process.env['PATH'] };
  const [runtime, ...options] = RUNTIME;
  const child = spawn(runtime, [...options, file, ...argv], { env: { ...inherited, ...env } });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Waits for the end of a process. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end();
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}
