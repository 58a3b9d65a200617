import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Log, type LogOptions } from '../../src/embedded-log/log/log.ts';
import type { Candidate } from '../../src/embedded-log/journal/record.ts';
import { startEmbeddedLog } from '../../src/embedded-log/service/server.ts';
import { encodeHex, encodeUtf8 } from '../../src/encoding.ts';
import { verifierKey } from '../../src/tlog/log-key.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { readWholeLog } from '../support/independent/tile-client.mjs';
import { tilesOf } from '../support/independent/tiles.mjs';
import { ReferenceTree } from '../support/independent/tree.mjs';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = 1_700_000_000;
const body = (index: number): Uint8Array => encodeUtf8(`entry ${index} ${'x'.repeat(index % 50)}`);
const candidate = (index: number): Candidate => ({
  body: body(index),
  indexKeys: [`entry${index}@charts.example`, `group${index % 7}@charts.example`, 'all@charts.example'],
});
/** Entries go into tiles as soon as they fill one. */
const AT_ONCE: LogOptions = { moveLimits: { entries: 256, bytes: 1 << 30, indexed: 256 } };

async function openLog(directory: string, options: LogOptions = AT_ONCE): Promise<Log> {
  const log = await Log.open(directory, () => NOW, {
    warn: (text) => {
      throw new Error(text);
    },
    ...options,
  });
  onTestFinished(() => log.close().catch(() => undefined));
  return log;
}

/** Adds the entries from one index up to before another, in batches. */
async function addEntries(log: Log, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, to - index) }, (_, at) => log.add(candidate(index + at))),
    );
}

const fromDirectory = (directory: string) => (path: string) =>
  readFile(join(directory, path)).catch(() => undefined);

const fromServer = (url: string) => (path: string) =>
  new Promise<Buffer | undefined>((resolve, reject) => {
    request(`${url}/${path}`, { agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        resolve(answer.statusCode === 200 ? Buffer.concat(chunks) : undefined);
      });
    })
      .on('error', reject)
      .end();
  });

const vkey = (log: Log): string => verifierKey('helm-sigstore', log.key) ?? '';

describe('a directory that was closed', () => {
  it.each([0, 1, 255, 256, 257, 700])(
    'of %i entries is a tiled log, which a client of the specification reads and proves whole',
    async (size) => {
      const directory = await temporaryDirectory();
      const log = await openLog(directory, {});
      await addEntries(log, 0, size);
      await log.close();
      const read = await readWholeLog(fromDirectory(directory), vkey(log));
      expect(read.size).toBe(size);
      expect(read.origin).toBe(`helm-sigstore - ${log.treeId}`);
      expect(read.entries).toEqual(Array.from({ length: size }, (_, index) => Buffer.from(body(index))));
    },
  );

  it('and goes on is one again when it is closed again, without the incomplete tiles that are complete now', async () => {
    const directory = await temporaryDirectory();
    let size = 0;
    for (const more of [100, 100, 100, 500]) {
      const log = await openLog(directory, {});
      await addEntries(log, size, (size += more));
      await log.close();
      const read = await readWholeLog(fromDirectory(directory), vkey(log));
      expect(read.size).toBe(size);
    }
    expect(await readdir(join(directory, 'tile/0'))).toEqual(['000', '001', '002', '003.p']);
  });
});

describe('a log with tiles', () => {
  it('is the same after a restart, and all that it answers is what the whole tree says', async () => {
    const directory = await temporaryDirectory();
    const SIZE = 1500;
    const first = await openLog(directory);
    await addEntries(first, 0, SIZE);
    const { text } = first.head;
    expect(existsSync(join(directory, 'tile/0/004'))).toBe(true);
    await first.close();
    const reference = new ReferenceTree(Array.from({ length: SIZE }, (_, index) => leafHash(body(index))));
    for (const options of [AT_ONCE, {}]) {
      const log = await openLog(directory, options);
      expect(log.head.text).toBe(text);
      for (let index = 0; index < SIZE; index += 37) {
        const [answer] = Object.values(await log.entry(index));
        expect(Buffer.from(answer?.body ?? '', 'base64')).toEqual(Buffer.from(body(index)));
        const { hashes } = answer?.verification.inclusionProof ?? {};
        expect(hashes).toEqual(reference.inclusionProof(index).map(encodeHex));
        expect(log.indexOf(encodeHex(leafHash(body(index))))).toBe(index);
        expect(await log.search([`entry${index}@charts.example`], 'or')).toEqual([log.entryId(index)]);
        expect(log.consistencyProof(index + 1, SIZE)).toEqual(
          reference.consistencyProof(index + 1, SIZE).map(encodeHex),
        );
        expect(await log.add(candidate(index))).toEqual({ index, isNew: false });
      }
      const found = await log.search(['group3@charts.example', 'all@charts.example'], 'and');
      expect(found).toEqual(
        Array.from({ length: SIZE }, (_, index) => index)
          .filter((index) => index % 7 === 3)
          .map((index) => log.entryId(index)),
      );
      expect(log.count(['group3@charts.example'])).toBe(found.length);
      expect(await log.search(['all@charts.example'], 'or', 1400)).toHaveLength(1400);
      await log.close();
    }
  });

  it('serves the checkpoint and all tiles, complete or not, as the specification has them', async () => {
    const directory = await temporaryDirectory();
    const log = await openLog(directory);
    await addEntries(log, 0, 700);
    await log.close();
    const server = await startEmbeddedLog({
      directory,
      host: '127.0.0.1',
      port: 0,
      now: () => NOW,
      onFailure: (error) => {
        throw error;
      },
    });
    onTestFinished(() => server.close());
    const get = fromServer(server.url);
    expect((await readWholeLog(get, vkey(log))).size).toBe(700);
    // Also those of earlier sizes of the tree, which another client may ask for.
    const entries = Array.from({ length: 700 }, (_, index) => body(index));
    for (const size of [1, 255, 257, 600])
      for (const [path, bytes] of tilesOf(entries.slice(0, size))) expect(await get(path)).toEqual(bytes);
    for (const path of [
      'tile/0/002.p/189',
      'tile/0/003',
      'tile/0/000.p/256',
      'tile/0/000.p/0',
      'tile/0/000.p/01',
      'tile/0/0',
      'tile/0/x000/000',
      'tile/00/000',
      'tile/1/000',
      'tile/2/000.p/1',
      'tile/64/000.p/1',
      'tile/data/000',
      'tile/entries/003',
      'tile/entries/002.p/189',
      'tile/',
      'tile/0/000/',
      'checkpoint/x',
    ])
      expect([path, await get(path)]).toEqual([path, undefined]);
  });

  it('and tells clients how long what they get is true', async () => {
    const directory = await temporaryDirectory();
    await (await openLog(directory)).close();
    const log = await openLog(directory);
    await addEntries(log, 0, 3);
    await log.close();
    const options = { directory, host: '127.0.0.1', port: 0, now: () => NOW, onFailure: () => undefined };
    const server = await startEmbeddedLog(options);
    onTestFinished(() => server.close());
    const headersOf = async (path: string) => (await fetch(`${server.url}/${path}`)).headers;
    const checkpoint = await headersOf('checkpoint');
    expect(checkpoint.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(checkpoint.get('cache-control')).toBe('no-store');
    // After a rotation the tiles of another tree are at the top; below the ID of a tree they are for ever its own.
    for (const [prefix, kept] of [
      ['', 'no-cache'],
      [`shards/${server.treeId}/`, 'public, max-age=31536000, immutable'],
    ] as const)
      for (const path of ['tile/0/000.p/3', 'tile/entries/000.p/2']) {
        const headers = await headersOf(`${prefix}${path}`);
        expect(headers.get('content-type')).toBe('application/octet-stream');
        expect(headers.get('cache-control')).toBe(kept);
        expect(headers.get('expires')).toBeNull();
      }
  });
});

describe('the search index on disk', () => {
  const SIZE = 1024 + 556;

  it('finds what it found, is made again when it is missing or damaged, and says so', async () => {
    const directory = await temporaryDirectory();
    const log = await openLog(directory);
    await addEntries(log, 0, SIZE);
    await log.close();
    const { writeFile, rm } = await import('node:fs/promises');
    const path = join(directory, 'index');
    const segment = async () => {
      const [name = ''] = (await readdir(path)).filter((each) => each.startsWith('0-'));
      return join(path, name);
    };
    const damages: [string, () => Promise<unknown>][] = [
      ['undamaged', () => Promise.resolve()],
      ['without its list', () => rm(join(path, 'segments.json'))],
      ['without a segment', async () => rm(await segment())],
      ['with another list', () => writeFile(join(path, 'segments.json'), '{}')],
      ['without anything', () => rm(path, { recursive: true })],
      ['with a segment that is cut', async () => writeFile(await segment(), 'x')],
    ];
    for (const [name, damage] of damages) {
      await damage();
      const warnings: string[] = [];
      const again = await openLog(directory, { ...AT_ONCE, warn: (text) => warnings.push(text) });
      expect([name, warnings.length]).toEqual([name, name === 'undamaged' ? 0 : 1]);
      for (const text of warnings) expect(text).toContain('the search index is made again: ');
      for (let index = 0; index < SIZE; index += 411) {
        expect(again.indexOf(encodeHex(leafHash(body(index))))).toBe(index);
        expect(await again.search([`ENTRY${index}@charts.example`], 'or')).toEqual([again.entryId(index)]);
      }
      expect(await again.search(['all@charts.example'], 'or')).toHaveLength(SIZE);
      expect(again.indexOf('00'.repeat(32))).toBeUndefined();
      await again.close();
    }
  });
});
