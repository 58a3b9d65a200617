import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect } from 'vitest';
import { checkLog } from '../../src/embedded-log/check/check-log.ts';
import { Log } from '../../src/embedded-log/log/log.ts';
import { decodeHex } from '../../src/encoding.ts';
import { verifyConsistency } from '../../src/tlog/merkle.ts';

let program: Promise<string> | undefined;

/** What clients of a log know. */
export class KnownLog {
  /** The names of the entries of which somebody was told, by their index. */
  readonly told = new Map<number, string>();
  private head: { size: number; rootHash: Uint8Array } | undefined;

  /**
   * Adds entries in a process of its own, until it is killed.
   * @param milliseconds when, from the first entry on
   */
  async addUntilKilled(directory: string, round: number, milliseconds: number): Promise<void> {
    await this.addWhile(directory, round, () => setTimeout(milliseconds));
  }

  /**
   * Adds entries in a process of its own while something else happens, and kills it then.
   * @param work may stop the process in its tracks
   */
  async addWhile(
    directory: string,
    round: number,
    work: (stop: () => void) => Promise<unknown>,
  ): Promise<void> {
    program ??= bundle();
    const child = spawn(process.execPath, [await program, directory, String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const lines = said.split('\n');
      said = lines.pop() ?? '';
      for (const line of lines) {
        const [index = '', name = ''] = line.split(' ');
        if (index !== 'size') this.told.set(Number(index), name);
      }
    });
    const ended = once(child, 'close');
    await Promise.race([once(child.stdout, 'data'), ended]);
    await work(() => child.kill('SIGSTOP'));
    child.kill('SIGKILL');
    await ended;
  }

  /** Opens the log as the next server does, and compares it with what clients know. */
  async expectWhole(directory: string): Promise<void> {
    // Nothing is damaged, before and after the next server has looked at it.
    expect((await checkLog(directory)).findings).toEqual([]);
    const warnings: string[] = [];
    const log = await Log.open(directory, () => Math.floor(Date.now() / 1000), {
      warn: (text) => warnings.push(text),
    });
    expect(warnings).toEqual([]);
    for (const [index, name] of this.told) {
      expect(index).toBeLessThan(log.head.size);
      const [entry] = Object.values(await log.entry(index));
      expect(Buffer.from(entry?.body ?? '', 'base64').toString()).toMatch(new RegExp(`^${name} `));
      expect(await log.search([name], 'or')).toEqual([log.entryId(index)]);
    }
    const { size, rootHash } = log.head;
    if (this.head !== undefined && this.head.size > 0) {
      const proof = log.consistencyProof(this.head.size, size).map(decodeHex);
      expect(verifyConsistency(this.head.size, size, this.head.rootHash, rootHash, proof)).toBe(true);
    }
    this.head = { size, rootHash };
    // What was not told before is known from now on.
    this.told.clear();
    await log.close();
    expect((await checkLog(directory)).findings).toEqual([]);
  }
}

async function bundle(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'helm-sigstore-worker-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  const outfile = join(directory, 'append.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'append-worker.ts')],
    outfile,
    ...{ bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
  });
  return outfile;
}
