import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Log } from '../../src/embedded-log/log/log.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { InputError } from '../../src/errors.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Each byte with SLOW_TESTS=1, else one of so many. */
const STEP = process.env['SLOW_TESTS'] === '1' ? 1 : 89;
const NOW = 1_700_000_000;
const FILES = ['entries.jsonl', 'acknowledged', 'key.pem', 'public-key.pem', 'server.lock'];

let original = '';
let served = '';

beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'helm-sigstore-'));
  let now = NOW;
  const log = await Log.open(original, () => now++);
  for (const name of ['a', 'b'])
    await log.add({ body: encodeUtf8(name), indexKeys: [`${name}@charts.example`, `sha256:${name}`] });
  served = await allAnswers(log);
  await log.close();
  return () => rm(original, { recursive: true });
});

/** All that a log can be asked for. */
async function allAnswers(log: Log): Promise<string> {
  const entries = await Promise.all([...Array(log.head.size).keys()].map((index) => log.entry(index)));
  const keys = ['a', 'b'].flatMap((name) => [`${name}@charts.example`, `sha256:${name}`]);
  const found = await Promise.all(keys.map((key) => log.search([key], 'or')));
  return JSON.stringify([log.treeId, log.publicKeyPem, log.head.text, entries, found]);
}

/** Where the batches of its file of records end, in bytes. */
async function endsOfBatches(): Promise<number[]> {
  const text = await readFile(join(original, 'entries.jsonl'), 'latin1');
  return [...text.matchAll(/^\{"checkpoint".*\n/gm)].map(({ index, 0: seal }) => index + seal.length);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

/** What is served of a copy of the log with one file changed; undefined when it is refused. */
async function serve(change: (directory: string) => Promise<void>): Promise<string | undefined> {
  const directory = await temporaryDirectory();
  await cp(original, directory, { recursive: true });
  await change(directory);
  let log;
  try {
    log = await Log.open(directory, () => NOW + 100);
  } catch (error) {
    // Status 3, and the name of a file, and what is wrong with it.
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/\.(?:jsonl|pem)/);
    return undefined;
  }
  const answers = await allAnswers(log);
  expect(await readFile(log.publicKeyPath, 'utf8')).toBe(log.publicKeyPem);
  await log.close();
  return answers;
}

describe('a damaged log', () => {
  it.each(FILES)(
    'with any bit of %s changed is refused, or serves what it served before',
    async (name) => {
      const bytes = await readFile(join(original, name));
      const refused: number[] = [];
      for (let at = 0; at < bytes.length; at += STEP) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << ((at / STEP) % 8));
        const answers = await serve((directory) => writeFile(join(directory, name), damaged));
        if (answers === undefined) refused.push(at);
        else expect(answers).toBe(served);
      }
      // Every bit of the records counts, and none of what only says who served and what was acknowledged.
      const expected = Math.ceil(bytes.length / STEP);
      if (name === 'entries.jsonl') expect(refused).toHaveLength(expected);
      else if (name !== 'key.pem') expect(refused).toEqual([]);
      else expect(refused.length).toBeGreaterThan(expected / 2);
    },
    600_000,
  );

  it.each(FILES)(
    'with %s cut anywhere is refused, or serves what it served before',
    async (name) => {
      const { length } = await readFile(join(original, name));
      const ends = await endsOfBatches();
      for (let at = 0; at < length; at += STEP) {
        if (name === 'entries.jsonl' && ends.includes(at)) continue;
        const answers = await serve((directory) => truncate(join(directory, name), at));
        if (name === 'entries.jsonl') expect(answers).toBeUndefined();
        else if (name !== 'key.pem') expect(answers).toBe(served);
        else if (answers !== undefined) expect(answers).toBe(served);
      }
    },
    600_000,
  );

  it.each([
    ['entries.jsonl', undefined],
    ['key.pem', undefined],
    ['acknowledged', 'served'],
    ['public-key.pem', 'served'],
    ['server.lock', 'served'],
  ])('without %s is refused, or serves what it served before: %s', async (name, expected) => {
    const answers = await serve((directory) => rm(join(directory, name)));
    expect(answers).toBe(expected && served);
  });

  it('whose last record was torn, or is garbage of which nobody was told, serves what it served before', async () => {
    const bytes = await readFile(join(original, 'entries.jsonl'));
    for (const more of ['{"integr', '{"integratedTime":1}\n', '\0\0\0\0\n\0\0', '\n', '{}\n{}\n{"']) {
      const torn = Buffer.concat([bytes, Buffer.from(more)]);
      let path = '';
      const answers = await serve((directory) => writeFile((path = join(directory, 'entries.jsonl')), torn));
      expect(answers).toBe(served);
      expect(await readFile(path)).toEqual(bytes);
    }
  });

  it('with the whole directory of an earlier day serves that: nobody can know what it told since', async () => {
    const [directory, backup] = [await temporaryDirectory(), await temporaryDirectory()];
    await cp(original, directory, { recursive: true });
    await cp(original, backup, { recursive: true });
    const log = await Log.open(directory, () => NOW + 100);
    await log.add({ body: encodeUtf8('c'), indexKeys: [] });
    await log.close();
    await cp(backup, directory, { recursive: true });
    const restored = await Log.open(directory, () => NOW + 100);
    expect(await allAnswers(restored)).toBe(served);
    await restored.close();
    // With an `acknowledged` of another day all is there, and more.
    const mixed = await serve(async (copy) => {
      const grown = await Log.open(copy, () => NOW + 100);
      await grown.add({ body: encodeUtf8('c'), indexKeys: [] });
      await grown.close();
      await cp(join(backup, 'acknowledged'), join(copy, 'acknowledged'));
    });
    expect((JSON.parse(mixed ?? '[]') as unknown[])[3]).toHaveLength(3);
  });
});

describe('a log whose file of records is whole and of an earlier day', () => {
  /** The same log with so many of its batches, of which the first is empty. */
  async function shortened(batches: number): Promise<{ directory: string; records: Buffer }> {
    const directory = await temporaryDirectory();
    await cp(original, directory, { recursive: true });
    const end = (await endsOfBatches())[batches - 1] ?? 0;
    await truncate(join(directory, 'entries.jsonl'), end);
    return { directory, records: await readFile(join(directory, 'entries.jsonl')) };
  }

  async function openLost(directory: string): Promise<{ log: Log; warnings: string[] }> {
    const warnings: string[] = [];
    const log = await Log.open(directory, () => NOW + 100, { warn: (text) => warnings.push(text) });
    return { log, warnings };
  }

  it.each([1, 2])('with %i batches answers as it did then, each time, and takes nothing', async (batches) => {
    const { directory, records } = await shortened(batches);
    const acknowledged = await readFile(join(original, 'acknowledged'));
    const [, , , entries] = JSON.parse(served) as [string, string, string, Record<string, object>[]];
    for (let start = 0; start < 2; start++) {
      const { log, warnings } = await openLost(directory);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(/entries\.jsonl lost entries .* restore the newest copy/);
      expect(log.head.size).toBe(batches - 1);
      // The time and the promise of each entry are those that were signed; its proof is that of the tree that is left.
      for (let index = 0; index < log.head.size; index++) {
        const [then, now] = [entries[index], await log.entry(index)].map(
          (each) => Object.values(each ?? {})[0],
        );
        expect({ ...now, verification: undefined }).toEqual({ ...then, verification: undefined });
      }
      for (const name of ['a', 'b', 'c'])
        await expect(log.add({ body: encodeUtf8(name), indexKeys: [] })).rejects.toMatchObject({
          name: 'Unwritable',
          message: expect.stringMatching(/^this log lost entries that clients were told of: /) as string,
        });
      expect(log.head.size).toBe(batches - 1);
      expect(warnings).toHaveLength(1);
      await log.close();
      expect(await readFile(join(directory, 'entries.jsonl'))).toEqual(records);
      expect(await readFile(join(directory, 'acknowledged'))).toEqual(acknowledged);
    }
    // With the newest copy it goes on.
    await cp(join(original, 'entries.jsonl'), join(directory, 'entries.jsonl'));
    const { log, warnings } = await openLost(directory);
    expect(await allAnswers(log)).toBe(served);
    expect(await log.add({ body: encodeUtf8('c'), indexKeys: [] })).toEqual({ index: 2, isNew: true });
    expect(warnings).toEqual([]);
    await log.close();
  });

  it.each([
    ['a bit is another', (records: Buffer) => flipped(records, records.length >> 1)],
    ['the last byte is missing', (records: Buffer) => records.subarray(0, -1)],
    ['a record was begun', (records: Buffer) => Buffer.concat([records, Buffer.from('{"integr')])],
    ['a line of no record follows', (records: Buffer) => Buffer.concat([records, Buffer.from('{}\n')])],
    ['no batch is left', (records: Buffer) => records.subarray(0, records.indexOf('\n') + 1)],
    ['nothing is left', () => Buffer.alloc(0)],
  ])('and where %s is refused, and not changed', async (_, damage) => {
    const { directory, records } = await shortened(2);
    const path = join(directory, 'entries.jsonl');
    const damaged = damage(records);
    await writeFile(path, damaged);
    await expect(openLost(directory)).rejects.toBeInstanceOf(InputError);
    expect(await readFile(path)).toEqual(damaged);
    expect(await readFile(join(directory, 'acknowledged'))).toEqual(
      await readFile(join(original, 'acknowledged')),
    );
  });

  it('and of another log is refused', async () => {
    const { directory } = await shortened(2);
    const other = await temporaryDirectory();
    await (await Log.open(other, () => NOW)).close();
    await cp(join(other, 'entries.jsonl'), join(directory, 'entries.jsonl'));
    await expect(openLost(directory)).rejects.toThrow('was signed with another key');
  });
});

describe('a record that changes while it is served', () => {
  it.each([
    ['its time', '"integratedTime":1700000000', '"integratedTime":1600000000'],
    ['its body', '"body":"YQ=="', '"body":"Yg=="'],
    ['its promise', '"signedEntryTimestamp":"', '"signedEntryTimestamp":"AAAA'],
    ['its form', '{"integratedTime"', '["integratedTime"'],
  ])('%s is not served, and is no signature of ours', async (_, from, to) => {
    const directory = await temporaryDirectory();
    await cp(original, directory, { recursive: true });
    const log = await Log.open(directory, () => NOW + 100);
    // What was found to be good once is looked at again.
    await log.entry(0);
    const path = join(directory, 'entries.jsonl');
    const text = await readFile(path, 'utf8');
    expect(text).toContain(from);
    await writeFile(path, text.replace(from, to));
    await expect(log.entry(0)).rejects.toThrow('entries.jsonl is damaged: entry 0 (from byte ');
    await log.close();
  });
});
