import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HistoryStore, type HistoryOptions } from '../../src/history/history-store.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { forkedHead, head, keys, NOON, newCheckpoint, server, treeId } from './checkpoints.ts';

async function open(parts: Partial<HistoryOptions> = {}) {
  const warnings: string[] = [];
  const store = new HistoryStore({
    directory: await temporaryDirectory(),
    mayWrite: true,
    now: () => NOON,
    warn: (warning) => warnings.push(warning),
    report: () => undefined,
    ...parts,
  });
  await store.load([keys.key]);
  return { store, warnings };
}

describe('a store without a place', () => {
  it('remembers within its run, and says once that it is all', async () => {
    const { store, warnings } = await open({ directory: undefined });
    await store.record(newCheckpoint(5));
    await store.record(newCheckpoint(9, { linkedTo: [head(5)] }));
    expect(store.seen.trees.map(({ lastSeen }) => lastSeen.map(({ size }) => size))).toEqual([[9]]);
    expect(
      await store.keep({ before: head(5), now: forkedHead(5), reason: 'forked' }, server),
    ).not.toHaveProperty('path');
    expect(warnings).toEqual([
      'cannot remember what was seen of the log: there is no home; set HELM_SIGSTORE_HOME',
    ]);
  });
});

describe('a store that must not write', () => {
  it('remembers within its run, and says nothing', async () => {
    const directory = await temporaryDirectory();
    const { store, warnings } = await open({ directory, mayWrite: false });
    await store.record(newCheckpoint(5));
    expect(store.seen.trees.length).toBe(1);
    expect(await readdir(directory)).toEqual([]);
    expect(warnings).toEqual([]);
  });
});

describe('a store', () => {
  it('takes in what another run has written since', async () => {
    const directory = await temporaryDirectory();
    const [one, other] = [await open({ directory }), await open({ directory })];
    await one.store.record(newCheckpoint(9));
    await other.store.record(newCheckpoint(5));
    expect(other.store.seen.trees[0]?.lastSeen.map(({ size }) => size)).toEqual([9, 5]);
  });

  it('keeps the same conflict once', async () => {
    const directory = await temporaryDirectory();
    const { store } = await open({ directory });
    const conflict = { before: head(5), now: forkedHead(5), reason: 'forked' };
    const [first, second] = [await store.keep(conflict, server), await store.keep(conflict, server)];
    expect(second.path).toBe(first.path);
    expect(await readdir(join(directory, 'conflicts'))).toEqual([
      expect.stringMatching(/^7-5-5-[0-9a-f]{8}\.json$/),
    ]);
  });

  it('replaces a damaged file only when there is something to remember', async () => {
    const directory = await temporaryDirectory();
    const first = await open({ directory });
    await first.store.record(newCheckpoint(5));
    const path = join(directory, keys.key.logId, `${treeId}.json`);
    await writeFile(path, 'damaged');
    const { store, warnings } = await open({ directory });
    expect(warnings).toEqual([expect.stringContaining('is damaged: expected JSON, found "damaged"')]);
    await store.record(newCheckpoint(9));
    expect((await open({ directory })).store.seen.trees[0]?.lastSeen[0].size).toBe(9);
  });
});
