import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { expect } from 'vitest';

let program: Promise<string> | undefined;

/**
 * Does something in a process that is killed before one of its steps, and again before a later one, until it is done.
 * @param words the name of the work in `stepped-work.ts`, and its arguments
 * @param every how many steps are between two kills
 * @param afterKill looks at what is there, and makes it ready for the next time
 * @returns how often it was killed
 */
export async function killAtSteps(
  words: readonly string[],
  every: number,
  afterKill: (step: number) => Promise<void>,
): Promise<number> {
  for (let kills = 0; ; kills++) {
    if (await isDoneBefore(kills * every, words)) return kills;
    await afterKill(kills * every);
  }
}

/** Does something in a process of its own, to its end. @param words as of `killAtSteps` */
export async function doApart(words: readonly string[]): Promise<void> {
  expect(await isDoneBefore(-1, words)).toBe(true);
}

/** @returns false when the process was killed before that step */
async function isDoneBefore(step: number, words: readonly string[]): Promise<boolean> {
  program ??= bundle();
  const child = spawn(process.execPath, [await program, String(step), ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect([said, status === 0 || signal === 'SIGKILL']).toEqual(['', true]);
  return status === 0;
}

async function bundle(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'helm-sigstore-worker-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  await build({
    entryPoints: [join(import.meta.dirname, 'stepping-worker.ts')],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    ...{ bundle: true, splitting: true, platform: 'node', format: 'esm', logLevel: 'error' },
  });
  return join(directory, 'stepping-worker.mjs');
}
