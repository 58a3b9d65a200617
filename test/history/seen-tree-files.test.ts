import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSeenTrees, updateSeenTree } from '../../src/history/seen-tree-files.ts';
import { addCheckpoint } from '../../src/history/seen-tree.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { head, keys, newCheckpoint, treeId } from './checkpoints.ts';

const { logId } = keys.key;
const pem = keys.key.publicKey.export({ format: 'pem', type: 'spki' }).toString();
let worker = '';

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'seen-tree-worker.ts')],
    ...{ bundle: true, write: false, platform: 'node', format: 'esm' },
  });
  worker = outputFiles[0]?.text ?? '';
});

/** A process that remembers the heads of these sizes. `done` is what it said before it ended. */
async function remember(directory: string, sizes: readonly number[]) {
  const program = join(directory, 'worker.mjs');
  await writeFile(program, worker);
  const checkpoints = sizes.map((size) => head(size).note);
  const child = spawn(process.execPath, [program, join(directory, 'history'), pem, ...checkpoints]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const done = once(child, 'close').then(() => said.trim().split('\n').filter(Boolean).map(Number));
  return { child, done };
}

async function memoryIn(directory: string) {
  const { trees, lost } = await readSeenTrees(join(directory, 'history'), [keys.key]);
  expect(lost).toEqual([]);
  return trees[0];
}

describe('many processes at once', () => {
  it('never lose the largest tree, and leave nothing behind', async () => {
    const directory = await temporaryDirectory();
    const runs = await Promise.all(
      // Few enough for each to have its turn before it gives up, also on a busy machine.
      Array.from({ length: 5 }, (_, run) =>
        remember(
          directory,
          Array.from({ length: 6 }, (_, step) => 1 + ((run * 7 + step * 13) % 97) + run),
        ),
      ),
    );
    const done = (await Promise.all(runs.map((run) => run.done))).flat();
    expect(done.length).toBe(30);
    expect((await memoryIn(directory))?.lastSeen.map(({ size }) => size)).toEqual([Math.max(...done)]);
    expect(await readdir(join(directory, 'history', logId))).toEqual([`${treeId}.json`]);
  });

  it('lose nothing that they said when they are killed, and do not stand in the way of the next', async () => {
    const directory = await temporaryDirectory();
    let largest = 0;
    for (let round = 0; round < 6; round++) {
      const sizes = Array.from({ length: 200 }, (_, step) => 1 + round * 200 + step);
      const { child, done } = await remember(directory, sizes);
      await once(child.stdout, 'data');
      await setTimeout(round * 7);
      child.kill('SIGKILL');
      largest = Math.max(largest, ...(await done));
      expect((await memoryIn(directory))?.lastSeen[0].size).toBeGreaterThanOrEqual(largest);
    }
    expect(largest).toBeGreaterThan(1000);
  });

  it('of one process do the same', async () => {
    const directory = await temporaryDirectory();
    const sizes = Array.from({ length: 20 }, (_, index) => 1 + ((index * 7) % 20));
    await Promise.all(
      sizes.map((size) =>
        updateSeenTree(join(directory, 'history'), keys.key, treeId, (memory) =>
          addCheckpoint(memory, newCheckpoint(size, { linkedTo: memory?.lastSeen ?? [] })),
        ),
      ),
    );
    expect((await memoryIn(directory))?.lastSeen.map(({ size }) => size)).toEqual([20]);
  });
});

describe('the files of a directory', () => {
  it('are read for the trusted keys, and nothing else is', async () => {
    const directory = await temporaryDirectory();
    expect(await readSeenTrees(directory, [keys.key])).toEqual({ trees: [], lost: [] });
    await updateSeenTree(directory, keys.key, treeId, (memory) => addCheckpoint(memory, newCheckpoint(5)));
    await mkdir(join(directory, 'ab'.repeat(32)));
    for (const name of [`${treeId}.json.7f`, 'lock.1', 'notes.txt'])
      await writeFile(join(directory, logId, name), 'anything');
    await writeFile(join(directory, 'ab'.repeat(32), '8.json'), 'anything');
    const { trees, lost } = await readSeenTrees(directory, [keys.key, keys.key]);
    expect(trees.map((tree) => tree.treeId)).toEqual([treeId]);
    expect(lost).toEqual([]);
  });

  it('that cannot be read are not the same as none', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, logId, '9.json'), { recursive: true });
    const { trees, lost } = await readSeenTrees(directory, [keys.key]);
    expect(trees).toEqual([]);
    expect(lost).toEqual([
      { logId, treeId: '9', reason: expect.stringContaining('cannot be read') as string },
    ]);
  });
});
