import { appendFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Log } from '../../src/embedded-log/log/log.ts';
import type { Candidate } from '../../src/embedded-log/journal/record.ts';
import { decodeBase64, decodeHex, encodeBase64, encodeHex, encodeUtf8 } from '../../src/encoding.ts';
import { parseLogEntry } from '../../src/rekor/schemas.ts';
import { parseCheckpoint, verifyCheckpointSignature } from '../../src/tlog/checkpoint.ts';
import { verifyInclusionPromise } from '../../src/tlog/inclusion-promise.ts';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { leafHash, rootFromInclusionProof, verifyConsistency } from '../../src/tlog/merkle.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = 1_700_000_000;
const candidate = (name: string): Candidate => ({
  body: encodeUtf8(name),
  indexKeys: [`${name}@charts.example`],
});
const leaf = (name: string): string => encodeHex(leafHash(encodeUtf8(name)));

async function openLog(directory: string, now = () => NOW): Promise<Log> {
  const log = await Log.open(directory, now);
  onTestFinished(() => log.close().catch(() => undefined));
  return log;
}

/** A directory with a log of these entries, each of which was acknowledged before the next was sent. */
async function closedLog(...names: string[]): Promise<string> {
  const directory = await temporaryDirectory();
  const log = await Log.open(directory, () => NOW);
  for (const name of names) await log.add(candidate(name));
  await log.close();
  return directory;
}

async function expectProven(log: Log, index: number): Promise<void> {
  const entry = parseLogEntry(await log.entry(index));
  const { checkpoint: text, hashes, index: logIndex, size: treeSize, rootHash } = entry.proof;
  const checkpoint = parseCheckpoint(text);
  expect(verifyCheckpointSignature(checkpoint, log.key)).toBe(true);
  expect(checkpoint).toMatchObject({ origin: `helm-sigstore - ${log.treeId}`, size: treeSize });
  expect(encodeHex(rootFromInclusionProof(logIndex, treeSize, leafHash(entry.body), hashes))).toBe(
    encodeHex(checkpoint.rootHash),
  );
  expect(encodeHex(rootHash)).toBe(encodeHex(checkpoint.rootHash));
  const promise = { ...entry.time, logId: entry.logId, body: encodeBase64(entry.body) };
  expect(verifyInclusionPromise(promise, entry.time.signature, log.key)).toBe(true);
}

describe('Log', () => {
  it('a new log is an empty tree with a signed checkpoint', async () => {
    const log = await openLog(await temporaryDirectory());
    expect(log.head.size).toBe(0);
    expect(verifyCheckpointSignature(log.head, log.key)).toBe(true);
    expect(BigInt(log.treeId) > 0n && BigInt(log.treeId) < 2n ** 63n).toBe(true);
  });

  it('each new log has a tree ID and a key of its own', async () => {
    const [a, b] = [await openLog(await temporaryDirectory()), await openLog(await temporaryDirectory())];
    expect(a.treeId).not.toBe(b.treeId);
    expect(a.key.logId).not.toBe(b.key.logId);
  });

  it('every entry is proven at every later size, and every size extends the one before', async () => {
    const log = await openLog(await temporaryDirectory());
    let before = log.head;
    for (let size = 1; size <= 9; size++) {
      expect(await log.add(candidate(`entry ${size}`))).toEqual({ index: size - 1, isNew: true });
      for (let index = 0; index < size; index++) await expectProven(log, index);
      if (before.size > 0) {
        const proof = log.consistencyProof(before.size, size).map(decodeHex);
        expect(verifyConsistency(before.size, size, before.rootHash, log.head.rootHash, proof)).toBe(true);
      }
      before = log.head;
    }
  });

  it('an entry has the time at which it was logged', async () => {
    let now = NOW;
    const log = await openLog(await temporaryDirectory(), () => now);
    await log.add(candidate('a'));
    now += 60;
    await log.add(candidate('b'));
    const times = await Promise.all(
      [0, 1].map(async (index) => parseLogEntry(await log.entry(index)).time.integratedTime),
    );
    expect(times).toEqual([NOW, NOW + 60]);
  });

  it('the same leaf again is not logged again, and keeps its index', async () => {
    const log = await openLog(await temporaryDirectory());
    await log.add(candidate('a'));
    await log.add(candidate('b'));
    expect(await log.add(candidate('a'))).toEqual({ index: 0, isNew: false });
    expect(log.head.size).toBe(2);
  });

  it('of many uploads of one entry at one moment just one is new, and all know it durable', async () => {
    const log = await openLog(await temporaryDirectory());
    const sizes: number[] = [];
    const answers = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const answer = await log.add(candidate('a'));
        sizes.push(log.head.size);
        return answer;
      }),
    );
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(answers.map(({ index }) => index))).toEqual(new Set([0]));
    expect(new Set(sizes)).toEqual(new Set([1]));
  });

  it('many uploads at one moment share a few batches, and are all proven', async () => {
    const directory = await temporaryDirectory();
    const log = await openLog(directory);
    await Promise.all(Array.from({ length: 100 }, (_, index) => log.add(candidate(`entry ${index}`))));
    expect(log.head.size).toBe(100);
    for (let index = 0; index < 100; index += 7) await expectProven(log, index);
    const lines = (await readFile(join(directory, 'entries.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('{"checkpoint"')).length).toBeLessThan(10);
  });

  it('nobody is told of a leaf before it is durable', async () => {
    const log = await openLog(await temporaryDirectory());
    const added = log.add(candidate('a'));
    expect(log.indexOf(leaf('a'))).toBeUndefined();
    expect(await log.search(['a@charts.example'], 'or')).toEqual([]);
    expect(log.head.size).toBe(0);
    await added;
    expect(log.indexOf(leaf('a'))).toBe(0);
    expect(await log.search(['a@charts.example'], 'or')).toEqual([log.entryId(0)]);
  });

  it('searches know any and all, and no upper case', async () => {
    const log = await openLog(await temporaryDirectory());
    await log.add({ body: encodeUtf8('a'), indexKeys: ['sha256:AB', 'one@charts.example'] });
    await log.add({ body: encodeUtf8('b'), indexKeys: ['sha256:ab', 'two@charts.example'] });
    const [a, b] = [log.entryId(0), log.entryId(1)];
    expect(await log.search(['SHA256:ab'], 'or')).toEqual([a, b]);
    expect(await log.search(['sha256:ab', 'two@charts.example'], 'and')).toEqual([b]);
    expect(await log.search(['one@charts.example', 'two@charts.example'], 'and')).toEqual([]);
    expect(await log.search(['two@charts.example', 'one@charts.example'], 'or')).toEqual([a, b]);
    expect(await log.search([], 'or')).toEqual([]);
  });
});

describe('the directory of a log', () => {
  it('a restarted log is the same: tree, key, entries, times, search', async () => {
    const directory = await closedLog('a', 'b', 'c');
    const before = await Log.open(directory, () => NOW + 1000);
    const { treeId, head, key } = before;
    await before.close();
    const log = await openLog(directory, () => NOW + 2000);
    expect([log.treeId, log.head.text, log.key.logId]).toEqual([treeId, head.text, key.logId]);
    for (const index of [0, 1, 2]) await expectProven(log, index);
    expect(parseLogEntry(await log.entry(1))).toMatchObject({ time: { integratedTime: NOW, logIndex: 1 } });
    expect(await log.search(['b@charts.example'], 'or')).toEqual([log.entryId(1)]);
    expect(await log.add(candidate('b'))).toEqual({ index: 1, isNew: false });
    expect(await log.add(candidate('d'))).toEqual({ index: 3, isNew: true });
    await expectProven(log, 3);
  });

  it.skipIf(process.platform === 'win32')(
    'only its owner can read it, but for the public key (needs a Unix)',
    async () => {
      const directory = join(await temporaryDirectory(), 'new', 'log');
      const log = await openLog(directory);
      const mode = async (...path: string[]): Promise<number> =>
        (await stat(join(directory, ...path))).mode & 0o777;
      expect(await mode()).toBe(0o700);
      for (const name of ['key.pem', 'entries.jsonl', 'acknowledged', 'server.lock'])
        expect(await mode(name)).toBe(0o600);
      expect(logKeyFromPem(await readFile(log.publicKeyPath, 'utf8')).logId).toBe(log.key.logId);
    },
  );

  it('two logs in one directory are refused', async () => {
    const directory = await temporaryDirectory();
    await openLog(directory);
    await expect(Log.open(directory, () => NOW)).rejects.toThrow(
      new RegExp(`in use by process ${process.pid} on host ".*" since 20`),
    );
  });

  it.each([
    ['a bit of an entry is another', (text: string) => text.replace('"body":"', '"body":"AAAA'), 'line 3'],
    [
      'a line is no record',
      (text: string) => text.replace('{"integratedTime"', '["integratedTime"'),
      'line 3',
    ],
    ['an entry is missing', (text: string) => text.replace(/\{"integratedTime".*\n/, ''), 'line 3'],
    ['an entry is there twice', (text: string) => text.replace(/(\{"integratedTime".*\n)/, '$1$1'), 'line 4'],
    [
      'a checkpoint is missing',
      (text: string) => text.replace(/(\n)\{"checkpoint".*\n$/, '$1{}\n'),
      'line 6',
    ],
  ])('a log in which %s does not start, and is not changed', async (_, damage, place) => {
    const directory = await closedLog('a', 'b');
    const path = join(directory, 'entries.jsonl');
    const damaged = damage(await readFile(path, 'utf8'));
    await writeFile(path, damaged);
    await expect(Log.open(directory, () => NOW)).rejects.toThrow(`is damaged: ${place}`);
    expect(await readFile(path, 'utf8')).toBe(damaged);
  });

  it('entries of another tree at the end, of which nobody was told, are cut off', async () => {
    const [directory, other] = [await closedLog('a'), await closedLog('a', 'b')];
    const whole = await readFile(join(directory, 'entries.jsonl'), 'utf8');
    const lines = (await readFile(join(other, 'entries.jsonl'), 'utf8')).split('\n').slice(4);
    await appendFile(join(directory, 'entries.jsonl'), lines.join('\n'));
    expect((await openLog(directory)).head.size).toBe(1);
    expect(await readFile(join(directory, 'entries.jsonl'), 'utf8')).toBe(whole);
  });

  it('a log whose key is missing, or another, does not start', async () => {
    const [directory, other] = [await closedLog('a'), await closedLog()];
    await writeFile(join(directory, 'key.pem'), await readFile(join(other, 'key.pem')));
    await expect(Log.open(directory, () => NOW)).rejects.toThrow('signed with another key');
    await writeFile(join(directory, 'key.pem'), 'garbage');
    await expect(Log.open(directory, () => NOW)).rejects.toThrow('is not a private key');
    await rm(join(directory, 'key.pem'));
    await expect(Log.open(directory, () => NOW)).rejects.toThrow("the log's key is missing");
  });

  it('a path that is a file, or below one, is refused', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    await expect(Log.open(file, () => NOW)).rejects.toThrow('cannot open the log in');
    await expect(Log.open(join(file, 'log'), () => NOW)).rejects.toThrow('cannot open the log in');
  });

  it('bodies of any bytes come back as they were', async () => {
    const log = await openLog(await temporaryDirectory());
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await log.add({ body, indexKeys: [] });
    const [answer] = Object.values(await log.entry(0));
    expect(encodeHex(decodeBase64(answer?.body ?? ''))).toBe(encodeHex(body));
  });
});
