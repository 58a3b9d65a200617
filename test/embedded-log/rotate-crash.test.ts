import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { rotateLog } from '../../src/embedded-log/rotation/rotate.ts';
import { addEntries, openLog, problemsIn, rotatedLog } from '../support/rotated-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { isThorough } from '../support/thorough.ts';

let program = '';

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'helm-sigstore-worker-'));
  program = join(directory, 'rotate.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, '..', 'support', 'rotate-worker.ts')],
    outfile: program,
    ...{ bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
  });
  return () => rm(directory, { recursive: true });
});

/** Rotates in a process of its own, which is killed before its call with this number; how many it made, if it was not. */
function rotateUntil(directory: string, call: number): number | undefined {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [program, directory, String(call)]);
  if (signal === 'SIGKILL') return undefined;
  expect([status, stderr.toString()]).toEqual([0, '']);
  return Number(stdout.toString());
}

it.each([
  ['a log', [260]],
  ['a log that was rotated before', [2, 3]],
] as const)(
  '%s whose rotation is killed before any of its calls to the file system is the old one or the new one, whole',
  async (_, sizes) => {
    const { directory: original } = await rotatedLog(...sizes);
    const before = await openLog(original);
    const { treeId: oldId, head } = before;
    const trees = before.trees.frozen.length;
    const total = before.trees.size;
    await before.close();
    const whole = await copyOf(original);
    const calls = rotateUntil(whole, 0) ?? 0;
    expect(calls).toBeGreaterThan(20);
    const outcomes = new Set<string>();
    for (let call = 1; call <= calls; call += isThorough ? 1 : 7) {
      const directory = await copyOf(original);
      expect(rotateUntil(directory, call)).toBeUndefined();
      const next = call % 2 === 0 ? 'served' : 'rotated';
      // Who rotates again has one rotation, and not two, unless the first was at its end.
      const names = await readdir(directory);
      const isAtEnd = !names.includes('rotation') && (await isFrozen(directory, oldId));
      const again = next === 'rotated' && !isAtEnd;
      if (again) await rotateLog(directory);
      const log = await openLog(directory);
      const isNew = log.treeId !== oldId;
      outcomes.add(isNew ? 'new' : 'old');
      if (again) expect(isNew).toBe(true);
      expect(log.trees.frozen).toHaveLength(trees + (isNew ? 1 : 0));
      const old = isNew ? log.trees.frozen.at(-1) : log;
      expect([old?.treeId, old?.head.text]).toEqual([oldId, head.text]);
      expect(log.trees.size).toBe(total);
      for (const index of [0, total - 1]) {
        const place = log.trees.at(index);
        expect(await place?.tree.entry(place.index)).toBeDefined();
      }
      await log.close();
      await addEntries(directory, `after-${call}`, 1);
      expect(await problemsIn(directory)).toEqual([]);
      expect((await readdir(directory)).filter((name) => name.startsWith('rotation'))).toEqual([]);
      await rm(directory, { recursive: true });
    }
    expect(outcomes).toEqual(new Set(['old', 'new']));
  },
  600_000,
);

it('a check does not judge a log whose rotation was interrupted, and says what finishes it', async () => {
  const { directory } = await rotatedLog(2);
  const calls = rotateUntil(await copyOf(directory), 0) ?? 0;
  let found = '';
  for (let call = calls; found === '' && call > 0; call--) {
    const copy = await copyOf(directory);
    rotateUntil(copy, call);
    if ((await readdir(copy)).includes('rotation')) found = copy;
  }
  await expect(problemsIn(found)).rejects.toThrow(`a rotation of the log in ${found} was interrupted`);
  const rotated = await rotateLog(found);
  expect([rotated.wasInterrupted, rotated.frozen.size]).toEqual([true, 2]);
  expect(await problemsIn(found)).toEqual([]);
});

async function isFrozen(directory: string, treeId: string): Promise<boolean> {
  return (await readdir(join(directory, 'shards')).catch((): string[] => [])).includes(treeId);
}

async function copyOf(original: string): Promise<string> {
  const directory = await temporaryDirectory();
  await cp(original, directory, { recursive: true });
  return directory;
}
