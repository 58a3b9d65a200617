import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDist } from '../../scripts/build.mjs';
import { placeRuntime, runtimeOfThisMachine } from '../../scripts/bun.mjs';
import { compileStandalone, targetOfThisMachine } from '../../scripts/standalone.mjs';
import type { Ran, Surroundings } from './program.ts';

/** Where the standalone executable is that is tested in place of the program in this process, if it is. */
const DIRECTORY = 'HELM_SIGSTORE_STANDALONE';

/**
 * What the executable under test runs first: it takes from a variable what a test says of its surroundings. All else is as in the
 * one that is released.
 */
const ENTRY = `
  const { leave, processContext, run } = require('./dist/helm-sigstore.cjs');
  const { HELM_SIGSTORE_SURROUNDINGS, ...inherited } = process.env;
  const { env, home, now, random, isInterrupted } = JSON.parse(HELM_SIGSTORE_SURROUNDINGS);
  const context = { ...processContext(), version: '0.0.0-test', env, home, random: () => random };
  if (isInterrupted) context.interrupted = AbortSignal.abort();
  if (now !== undefined) context.now = () => now;
  run(process.argv.slice(2), context).then(leave);
`;

/** Makes what these tests run; a global setup of vitest. */
export async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'standalone-'));
  await buildDist();
  const bun = join(directory, 'bun');
  await placeRuntime(runtimeOfThisMachine(), bun);
  await compileStandalone(targetOfThisMachine(), join(directory, 'program'), bun, ENTRY);
  process.env[DIRECTORY] = directory;
  return async () => {
    await rm(directory, { recursive: true });
  };
}

/** What runs bundles of the program in place of Node; undefined: Node does. */
export function otherRuntime(): string | undefined {
  const directory = process.env[DIRECTORY];
  return directory && join(directory, 'bun');
}

/** The executable that runs in place of the program in this process; undefined: there is none. */
export function executableUnderTest(): string | undefined {
  const directory = process.env[DIRECTORY];
  return directory && join(directory, 'program');
}

/** Runs a command line by an executable in a process of its own. @throws where it cannot have the surroundings */
export async function runExecutable(
  file: string,
  argv: readonly string[],
  surroundings: Surroundings,
): Promise<Ran> {
  const { env = {}, home = '/nonexistent', now, random, stdin = '', interrupted } = surroundings;
  const { onStdout, onBytes, onStderr, clock, isTerminal, isStdoutClosed } = surroundings;
  if (clock || isTerminal || isStdoutClosed)
    throw new Error('an executable has its own clock and streams: this is tested in the process alone');
  const isInterrupted = interrupted?.aborted === true;
  const given = JSON.stringify({ env, home, now, random: random?.() ?? 0.5, isInterrupted });
  const child = spawn(file, argv, {
    env: { PATH: process.env['PATH'], ...env, HELM_SIGSTORE_SURROUNDINGS: given },
  });
  const interrupt = () => {
    child.kill('SIGINT');
  };
  interrupted?.addEventListener('abort', interrupt);
  let [stdout, stderr] = ['', ''];
  const decoder = new TextDecoder();
  child.stdout.on('data', (bytes: Buffer) => {
    const text = decoder.decode(bytes, { stream: true });
    stdout += text;
    onStdout?.(text);
    onBytes?.(bytes);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onStderr?.(text);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status === null) throw new Error(`${argv.join(' ')}: ended by ${child.signalCode ?? ''}: ${stderr}`);
  return { status, stdout, stderr };
}
