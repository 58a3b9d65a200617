import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Log } from '../../src/embedded-log/log/log.ts';
import type { Candidate } from '../../src/embedded-log/journal/record.ts';
import { encodeHex, encodeUtf8 } from '../../src/encoding.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { WatchedDisk, type Operation } from '../support/power-cut.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = 1_700_000_000;
const candidate = (name: string): Candidate => ({ body: encodeUtf8(name), indexKeys: [name] });
const leaf = (name: string): string => encodeHex(leafHash(encodeUtf8(name)));

async function watchedLog(directory?: string) {
  const disk = new WatchedDisk();
  const warnings: string[] = [];
  const home = directory ?? (await temporaryDirectory());
  const log = await Log.open(home, () => NOW, {
    openFile: disk.openFile,
    warn: (text) => warnings.push(text),
  });
  onTestFinished(() => log.close().catch(() => undefined));
  return { log, disk, warnings, home };
}

function failure(code: string, words: string): Error {
  return Object.assign(new Error(`${code}: ${words}, write`), { code, syscall: 'write' });
}

const last = (operations: readonly Operation[], wanted: Operation): number =>
  operations.map(({ file, name }) => `${file} ${name}`).lastIndexOf(`${wanted.file} ${wanted.name}`);

describe('what is told to others is durable', () => {
  it('a restart syncs what it replayed before it answers', async () => {
    const first = await watchedLog();
    await first.log.add(candidate('a'));
    await first.log.close();
    const { log, disk } = await watchedLog(first.home);
    expect(log.head.size).toBe(1);
    const entries = 'entries.jsonl';
    expect(last(disk.operations, { file: entries, name: 'datasync' })).toBeGreaterThan(
      last(disk.operations, { file: entries, name: 'read' }),
    );
  });

  it('nobody is told of an entry before it is synced, and that it was acknowledged is noted after that', async () => {
    const { log, disk } = await watchedLog();
    disk.operations.length = 0;
    disk.before = () => {
      expect(log.head.size).toBe(0);
      expect(log.indexOf(leaf('a'))).toBeUndefined();
    };
    await log.add(candidate('a'));
    expect(disk.operations.filter(({ name }) => name !== 'read')).toEqual([
      { file: 'entries.jsonl', name: 'write' },
      { file: 'entries.jsonl', name: 'datasync' },
      { file: 'acknowledged', name: 'write' },
      { file: 'acknowledged', name: 'datasync' },
    ]);
  });

  it('a power cut at any moment loses nothing that was acknowledged, and no tree forks', async () => {
    const { log, disk, home } = await watchedLog();
    await log.add(candidate('a'));
    const cuts: { size: number; remains: Map<string, Uint8Array> }[] = [];
    const cut = () => {
      for (const kept of [0, 150, Infinity]) cuts.push({ size: log.head.size, remains: disk.remains(kept) });
    };
    disk.before = cut;
    await log.add(candidate('b'));
    cut();
    const { text } = log.head;
    expect(cuts.length).toBeGreaterThan(12);
    expect(new Set(cuts.map(({ size }) => size))).toEqual(new Set([1, 2]));
    for (const { size, remains } of cuts) {
      const after = await temporaryDirectory();
      await cp(home, after, { recursive: true });
      for (const [name, bytes] of remains) await writeFile(join(after, name), bytes);
      const restarted = await Log.open(after, () => NOW);
      const found = restarted.head;
      expect(found.size).toBeGreaterThanOrEqual(size);
      if (found.size === 2) expect(found.text).toBe(text);
      expect((await restarted.add(candidate('c'))).index).toBe(found.size);
      for (let index = 0; index <= found.size; index++) await restarted.entry(index);
      await restarted.close();
    }
  });
});

describe('what cannot be written', () => {
  it.each([
    ['ENOSPC', 'no space left on device'],
    ['EDQUOT', 'disk quota exceeded'],
    ['EROFS', 'read-only file system'],
    ['EIO', 'i/o error'],
  ])('%s refuses uploads in its words, once for the owner, until it is over', async (code, words) => {
    for (const name of ['write', 'datasync'] as const) {
      const { log, disk, warnings } = await watchedLog();
      await log.add(candidate('a'));
      const { text } = log.head;
      let isOver = false;
      disk.before = (operation) => {
        if (!isOver && operation.file === 'entries.jsonl' && operation.name === name)
          throw failure(code, words);
      };
      for (let again = 0; again < 3; again++) {
        const answers = await Promise.allSettled(['b', 'b', 'c'].map((each) => log.add(candidate(each))));
        for (const answer of answers)
          expect(answer).toMatchObject({
            status: 'rejected',
            reason: { name: 'Unwritable', message: `the log cannot write: ${words}` },
          });
        expect(log.head.text).toBe(text);
        expect(Object.keys(await log.entry(0))).toEqual([log.entryId(0)]);
      }
      expect(warnings).toEqual([`no uploads are taken: the log cannot write: ${words}`]);
      isOver = true;
      expect(await log.add(candidate('c'))).toEqual({ index: 1, isNew: true });
      expect(log.indexOf(leaf('b'))).toBeUndefined();
      expect(warnings.slice(1)).toEqual(['uploads are taken again']);
    }
  });

  it('a batch that was written in part is removed, and the tree goes on as it was', async () => {
    const { log, disk, home } = await watchedLog();
    await log.add(candidate('a'));
    const whole = await readFile(join(home, 'entries.jsonl'));
    disk.before = async ({ file, name }) => {
      if (file !== 'entries.jsonl' || name !== 'write') return;
      await appendFile(join(home, file), '{"integratedTime":17');
      throw failure('ENOSPC', 'no space left on device');
    };
    await expect(log.add(candidate('b'))).rejects.toThrow('no space left on device');
    expect(await readFile(join(home, 'entries.jsonl'))).toEqual(whole);
    disk.before = () => undefined;
    await log.add(candidate('c'));
    await log.close();
    const { log: again } = await watchedLog(home);
    expect([again.head.size, again.indexOf(leaf('c'))]).toEqual([2, 1]);
  });

  it('what fails although it is durable is no loss: the entry counts, and its owner is told', async () => {
    const { log, disk, warnings, home } = await watchedLog();
    disk.before = ({ file, name }) => {
      if (file === 'acknowledged' && name === 'write') throw failure('ENOSPC', 'no space left on device');
    };
    for (const name of ['a', 'b']) expect((await log.add(candidate(name))).isNew).toBe(true);
    expect(warnings).toEqual(['cannot note what was acknowledged: ENOSPC: no space left on device, write']);
    await log.close();
    expect((await watchedLog(home)).log.head.size).toBe(2);
  });
});

describe('the times of entries', () => {
  it('never go backwards: within a minute the last one is used, beyond it uploads wait', async () => {
    let now = NOW;
    const warnings: string[] = [];
    const directory = await temporaryDirectory();
    const log = await Log.open(directory, () => now, { warn: (text) => warnings.push(text) });
    onTestFinished(() => log.close());
    const timeOf = async (index: number) => Object.values(await log.entry(index))[0]?.integratedTime;
    await log.add(candidate('a'));
    now = NOW - 60;
    await log.add(candidate('b'));
    expect(await timeOf(1)).toBe(NOW);
    now = NOW - 61;
    for (const name of ['c', 'd'])
      await expect(log.add(candidate(name))).rejects.toThrow(
        'the clock of the log, 2023-11-14T22:12:19Z, is behind its newest entry, of 2023-11-14T22:13:20Z',
      );
    expect(warnings).toHaveLength(1);
    expect(log.head.size).toBe(2);
    now = NOW + 1;
    await log.add(candidate('c'));
    expect(await timeOf(2)).toBe(NOW + 1);
  });

  it('are those of the newest entry after a restart, too', async () => {
    const { log, home } = await watchedLog();
    await log.add(candidate('a'));
    await log.close();
    const again = await Log.open(home, () => NOW - 3600);
    onTestFinished(() => again.close());
    await expect(again.add(candidate('b'))).rejects.toThrow('is behind its newest entry');
  });
});
