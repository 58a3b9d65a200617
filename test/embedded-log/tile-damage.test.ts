import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkLog } from '../../src/embedded-log/check/check-log.ts';
import { Log } from '../../src/embedded-log/log/log.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { InputError } from '../../src/errors.ts';

/** From one byte that is tried to the next: each with SLOW_TESTS=1, else some of each file. */
const stepOf = ({ length }: Buffer): number =>
  process.env['SLOW_TESTS'] === '1' ? 1 : Math.ceil(length / 11);
const NOW = 1_700_000_000;
const SIZE = 256 + 3;
let original = '';
let damagedCopy = '';
let served: string[] = [];

beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'helm-sigstore-'));
  damagedCopy = `${original}-copy`;
  const log = await Log.open(original, () => NOW, {
    moveLimits: { entries: 256, bytes: 1 << 30, indexed: 256 },
  });
  await Promise.all(
    Array.from({ length: SIZE }, (_, at) =>
      log.add({ body: encodeUtf8(`entry ${at}`), indexKeys: [`e${at}`, 'all'] }),
    ),
  );
  await log.close();
  const again = await Log.open(original, () => NOW);
  served = await Promise.all(Array.from({ length: SIZE }, (_, at) => answerOf(again, at)));
  await again.close();
  await cp(original, damagedCopy, { recursive: true });
  return async () => {
    for (const path of [original, damagedCopy]) await rm(path, { recursive: true });
  };
});

/** All that the log says of an entry. */
async function answerOf(log: Log, index: number): Promise<string> {
  const found = await log.search([`e${index}`, 'all'], 'and');
  const proof = log.consistencyProof(index + 1, SIZE);
  return JSON.stringify([log.head.text, await log.entry(index), found, proof]);
}

/**
 * What a log answers about some entries with a file that was damaged: each answer is what it was, or is refused. Then the file is
 * as it was.
 * @returns whether anything was refused
 */
async function tryDamage(file: string, damaged: Buffer, entries: readonly number[]): Promise<boolean> {
  const path = join(damagedCopy, file);
  const bytes = await readFile(join(original, file));
  await writeFile(path, damaged);
  let isRefused = false;
  const warnings: string[] = [];
  try {
    const log = await Log.open(damagedCopy, () => NOW, { warn: (text) => warnings.push(text) });
    for (const entry of entries)
      try {
        expect(await answerOf(log, entry)).toBe(served[entry]);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        expect(error.message).toMatch(/ is damaged: /);
        isRefused = true;
      }
    await log.close();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    isRefused = true;
  }
  await writeFile(path, bytes);
  // An index that was made again has other names.
  if (warnings.length > 0) {
    await rm(join(damagedCopy, 'index'), { recursive: true });
    await cp(join(original, 'index'), join(damagedCopy, 'index'), { recursive: true });
  }
  return isRefused || warnings.length > 0;
}

const FILES = [
  'tile/0/000',
  'tile/entries/000',
  'promises/000',
  'index/SEGMENT',
  'index/segments.json',
  'entries.jsonl',
];

async function named(file: string): Promise<string> {
  const [segment = ''] = (await readdir(join(original, 'index'))).filter((name) => name.startsWith('0-'));
  return file.replace('SEGMENT', segment);
}

/** The entries of which a place of a file says something, and the first and the last. */
function entriesAt(at: number, length: number): number[] {
  const middle = Math.floor((at / length) * 256);
  const near = Array.from({ length: 13 }, (_, offset) => middle + offset - 6);
  return [...new Set([0, ...near, 255, SIZE - 1])].filter((entry) => entry >= 0 && entry < SIZE);
}

describe.each(FILES)('%s', (name) => {
  it('with any bit changed: what is answered is what was signed, or it is refused', async () => {
    const file = await named(name);
    const bytes = await readFile(join(original, file));
    let refused = 0;
    const step = stepOf(bytes);
    for (let at = 0; at < bytes.length; at += step) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << ((at / step) % 8));
      if (await tryDamage(file, damaged, entriesAt(at, bytes.length))) refused++;
    }
    expect(refused).toBeGreaterThan(0);
  }, 20_000_000);

  it('cut anywhere: what is answered is what was signed, or it is refused', async () => {
    const file = await named(name);
    const bytes = await readFile(join(original, file));
    for (let at = 0; at < bytes.length; at += stepOf(bytes))
      await tryDamage(file, bytes.subarray(0, at), entriesAt(at, bytes.length));
    expect((await checkLog(damagedCopy)).findings).toEqual([]);
    await truncate(join(damagedCopy, file), bytes.length >> 1);
    expect((await checkLog(damagedCopy)).count).toBeGreaterThan(0);
    await cp(join(original, file), join(damagedCopy, file));
  }, 20_000_000);
});
