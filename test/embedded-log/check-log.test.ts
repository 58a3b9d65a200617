import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkLog } from '../../src/embedded-log/check/check-log.ts';
import { Log } from '../../src/embedded-log/log/log.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = 1_700_000_000;
/** With entries in tiles, in the index on disk, and in the journal. */
const SIZE = 512 + 3;
let original = '';
/** The first segment of its index. */
let segment = '';
const named = (text: string): string => text.replace('SEGMENT', segment);

beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'helm-sigstore-'));
  let now = NOW;
  const options = { moveLimits: { entries: 256, bytes: 1 << 30, indexed: 256 } };
  const log = await Log.open(original, () => now++, options);
  for (let from = 0; from < SIZE; from += 100)
    await Promise.all(
      Array.from({ length: Math.min(100, SIZE - from) }, (_, at) =>
        log.add({
          body: encodeUtf8(`entry ${from + at}`),
          indexKeys: [`e${from + at}`, 'all@charts.example'],
        }),
      ),
    );
  await log.close();
  const [first = ''] = (await readdir(join(original, 'index'))).filter((name) => name.startsWith('0-'));
  segment = `index/${first}`;
  return () => rm(original, { recursive: true });
});

async function copy(): Promise<string> {
  const directory = await temporaryDirectory();
  await cp(original, directory, { recursive: true });
  return directory;
}

async function problemsOf(directory: string): Promise<string[]> {
  return (await checkLog(directory)).findings.map(({ file, problem }) => `${file}: ${problem}`);
}

/** All files of a directory, with when they were changed. */
async function stateOf(directory: string): Promise<string[]> {
  const files = await readdir(directory, { recursive: true });
  return await Promise.all(
    files.sort().map(async (file) => {
      const { size, mtimeMs, ino } = await stat(join(directory, file));
      return `${file} ${size} ${mtimeMs} ${ino}`;
    }),
  );
}

describe('a check of the directory of a log', () => {
  it('finds nothing in one that is whole, and changes nothing', async () => {
    const before = await stateOf(original);
    const check = await checkLog(original);
    expect(check).toMatchObject({ findings: [], count: 0, log: { name: 'helm-sigstore', size: SIZE } });
    expect(await stateOf(original)).toEqual(before);
  });

  it.each<[string, number, string]>([
    ['entries.jsonl', 40, 'entries.jsonl: line 1 (from byte 0): expected'],
    ['entries.jsonl', -10, 'entries.jsonl: line'],
    ['tile/0/001', 33, 'tile/0/001: it is not what the checkpoint was signed for'],
    ['tile/entries/001', 3 + 12 * 11, 'tile/entries/001: entry 268'],
    ['tile/entries/001', 1, 'tile/entries/001: '],
    ['promises/001', 5000, 'promises/001: it is not what was signed'],
    ['promises/001', -20, 'promises/001: it is not what was signed'],
    ['SEGMENT', 4100, 'SEGMENT: a block of the search index is not what was written'],
    ['SEGMENT', -3, 'SEGMENT: a block of the search index is not what was written'],
    ['index/segments.json', 30, 'index/segments.json: '],
    ['checkpoint', 50, 'checkpoint: '],
    ['tile/0/002.p/3', 40, 'tile/0/002.p/3: it is not what the checkpoint was signed for'],
    ['tile/entries/002.p/3', 5, 'tile/entries/002.p/3: it is not what the checkpoint was signed for'],
    ['tile/1/000.p/2', 33, 'tile/1/000.p/2: it is not what the checkpoint was signed for'],
    ['key.pem', 60, 'key.pem: it is not'],
    ['public-key.pem', 60, 'public-key.pem: '],
    ['acknowledged', 20, ''],
  ])('names what is wrong where a bit of %s is another (at %i)', async (file, at, expected) => {
    const directory = await copy();
    const path = join(directory, named(file));
    const bytes = await readFile(path);
    const place = at < 0 ? bytes.length + at : at;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const problems = await problemsOf(directory);
    // Of the two slots of what was acknowledged one is enough.
    if (expected === '') expect(problems).toEqual([]);
    else expect(problems.join('\n')).toContain(named(expected));
    expect(await readFile(path)).toEqual(bytes);
  });

  it.each([
    ['tile/0/001', 'tile/0/001: it is missing'],
    ['tile/entries/001', 'tile/entries/001: it is missing'],
    ['promises/001', 'promises/001: it is missing'],
    ['SEGMENT', 'SEGMENT: '],
    ['index', 'index/segments.json: it is missing'],
    ['checkpoint', 'checkpoint: it is missing'],
    ['tile/0/002.p', 'tile/0/002.p/3: it is missing'],
    ['public-key.pem', 'public-key.pem: '],
    ['acknowledged', 'acknowledged: it is missing or damaged'],
  ])('names %s where it is missing', async (file, expected) => {
    const directory = await copy();
    await rm(join(directory, named(file)), { recursive: true });
    expect((await problemsOf(directory)).join('\n')).toContain(named(expected));
  });

  it('names a tile that has the place of another, and what is no tile of this log', async () => {
    const directory = await copy();
    await cp(join(directory, 'tile/0/001'), join(directory, 'tile/0/000'));
    await cp(join(directory, 'promises/001'), join(directory, 'promises/000'));
    await mkdir(join(directory, 'tile/0/002.p'), { recursive: true });
    await writeFile(join(directory, 'tile/0/002.p/9'), Buffer.alloc(9 * 32));
    const problems = await problemsOf(directory);
    for (const file of ['tile/0/000', 'promises/000', 'tile/0/002.p/9'])
      expect(problems.some((problem) => problem.startsWith(`${file}: `))).toBe(true);
    expect(
      problems.filter((each) => !/^(?:tile\/0\/000|promises\/000|tile\/0\/002.p\/9): /.test(each)),
    ).toEqual([]);
  });

  it('names the entries that are missing at the end', async () => {
    const directory = await copy();
    const { length } = await readFile(join(directory, 'entries.jsonl'));
    const grown = await Log.open(directory, () => NOW + 10_000);
    await grown.add({ body: encodeUtf8('one more'), indexKeys: [] });
    await grown.close();
    await truncate(join(directory, 'entries.jsonl'), length);
    const problems = await problemsOf(directory);
    expect(problems.join('\n')).toMatch(
      /entries\.jsonl: lost entries that clients were told of: it ends with 515 entries, and once had 516/,
    );
  });

  it('refuses what is no log, or one of another version', async () => {
    const directory = await temporaryDirectory();
    await expect(checkLog(directory)).rejects.toThrow('expected the log of helm sigstore in ');
    await expect(checkLog(join(directory, 'missing'))).rejects.toThrow(
      'expected the log of helm sigstore in ',
    );
    await writeFile(join(directory, 'entries.jsonl'), '{"version":2,"upgradedEntries":0,"chain":""}\n');
    await expect(checkLog(directory)).rejects.toThrow('has the format of an earlier version');
  });
});
