import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Limits } from '../../src/http/deadline.ts';
import type { LoggableSignature } from '../../src/services/loggable-signature.ts';
import { logOnRekorV2, PresentEntryError, type LoggedSignature } from '../../src/services/rekor-v2.ts';
import { TiledLog } from '../../src/services/tiled-log.ts';
import { parseSigstoreTrust } from '../../src/trust/sigstore-trust.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { duplicate, FakeTiledLog, type Answered, type LogLies } from '../support/fake-tiled-log.ts';
import { holdTime, passUntil } from '../support/held-time.ts';

const SIGNATURE: LoggableSignature = {
  digest: { algorithm: 'sha384', value: Buffer.alloc(48, 1) },
  signature: Buffer.from('a signature'),
  verifier: { kind: 'key', der: Buffer.from('a key'), keyDetails: 'PKIX_ECDSA_P384_SHA_384' },
};
const REQUEST = {
  digest: Buffer.alloc(48, 1).toString('base64'),
  signature: {
    content: Buffer.from('a signature').toString('base64'),
    verifier: {
      publicKey: { rawBytes: Buffer.from('a key').toString('base64') },
      keyDetails: 'PKIX_ECDSA_P384_SHA_384',
    },
  },
};

/** The log as one that is trusted, or with the keys of another. */
function trusted(log: FakeTiledLog, keysOf = log): TiledLog {
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [keysOf.trustedLog],
  };
  return new TiledLog(log.server.url, parseSigstoreTrust(root).logs);
}

async function send(log: TiledLog, limits: Partial<Limits> = {}): Promise<LoggedSignature> {
  const deadline = testDeadline({ all: 120_000, ...limits });
  return await logOnRekorV2(log, SIGNATURE, { http: testClient(), deadline });
}

/** A log that has the entry, among others. */
async function withEntry(lies: LogLies, index = 300, size = 700): Promise<FakeTiledLog> {
  const log = await FakeTiledLog.start(lies, index);
  log.append(REQUEST);
  while (log.entries.length < size) log.entries.push(Buffer.from(`entry ${log.entries.length}`));
  return log;
}

it('a new entry is in the answer', async () => {
  const log = await FakeTiledLog.start({}, 5);
  const { entry, wasThere } = await send(trusted(log));
  expect(wasThere).toBe(false);
  expect(entry).toMatchObject({ logIndex: '5', inclusionProof: { treeSize: '6' } });
  expect(JSON.parse(log.server.seen[0]?.body ?? '')).toEqual({ hashedRekordRequestV002: REQUEST });
});

it('of no other signature', async () => {
  const other = { ...REQUEST, digest: Buffer.alloc(48, 2).toString('base64') };
  const log = await FakeTiledLog.start({
    post: (_, log) => ({ status: 201, body: log.entry(log.append(other)) }),
  });
  await expect(send(trusted(log))).rejects.toMatchObject({
    code: 'LOG_ANSWER',
    message: expect.stringContaining('another signature') as unknown,
  });
});

describe('an entry that the log has already', () => {
  it.each([
    [0, 1],
    [0, 700],
    [255, 256],
    [256, 257],
    [300, 700],
    [699, 700],
  ])('is read from its tiles: index %d of %d', async (index, size) => {
    const log = await withEntry({}, index, size);
    const { entry, wasThere } = await send(trusted(log));
    expect(wasThere).toBe(true);
    const { integratedTime, inclusionPromise, ...shown } = log.entry(index);
    expect([integratedTime, inclusionPromise]).toEqual(['0', null]);
    expect(entry).toEqual(shown);
  });

  it('is read where the specification has tiles, if Rekor has none', async () => {
    const log = await withEntry({ prefix: '' });
    expect((await send(trusted(log))).wasThere).toBe(true);
    expect(log.read.slice(0, 2)).toEqual(['/api/v2/checkpoint', '/checkpoint']);
  });

  it('is read beside witnesses, whose lines say nothing here', async () => {
    const log = await withEntry({ witnesses: ['witness.example/one', 'witness.example/two'] });
    const { entry } = await send(trusted(log));
    expect(entry.inclusionProof.checkpoint.envelope).toContain('\n\u2014 witness.example/one ');
  });

  it('is read from full tiles, where partial ones were removed', async () => {
    const lies: LogLies = {
      get: (path, log) => {
        if (path === 'api/v2/checkpoint') return { body: log.checkpoint(200) };
        return path.includes('.p/') ? { status: 404 } : 'honest';
      },
    };
    const { entry } = await send(trusted(await withEntry(lies, 100, 256)));
    expect(entry.inclusionProof.treeSize).toBe('200');
  });

  it('is waited for, until a checkpoint covers it', async () => {
    holdTime();
    let asked = 0;
    const log = await withEntry({
      get: (path, log) => {
        if (path !== 'api/v2/checkpoint') return 'honest';
        asked += 1;
        return asked < 4 ? { body: log.checkpoint(300) } : 'honest';
      },
    });
    const { entry } = await passUntil(send(trusted(log)), 500);
    expect(entry.logIndex).toBe('300');
    expect(asked).toBe(4);
  });

  it.each<[string, (log: FakeTiledLog) => Answered, string]>([
    ['a checkpoint that never covers it', (log) => ({ body: log.checkpoint(300) }), 'is about 300 entries'],
  ])('is not waited for without end: %s', async (_, checkpoint, message) => {
    holdTime();
    const log = await withEntry({
      get: (path, log) => (path === 'api/v2/checkpoint' ? checkpoint(log) : 'honest'),
    });
    await expect(passUntil(send(trusted(log)), 500)).rejects.toThrow(message);
    expect(log.read).toHaveLength(6);
  });

  it('is not waited for where its tiles never come', async () => {
    holdTime();
    const log = await withEntry({
      get: (path) => (path.includes('/tile/0/') ? { status: 404 } : 'honest'),
    });
    await expect(passUntil(send(trusted(log)), 500)).rejects.toThrow(
      'lacks tiles of the tree of 700 entries',
    );
  });

  const changed = (path: string, change: (honest: Buffer) => Buffer | string): LogLies => ({
    get: (asked, log) => {
      const honest = log.file(asked);
      return asked.startsWith(path) && honest !== undefined ? { body: change(honest) } : 'honest';
    },
  });
  const flipped = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  const CHECKPOINT = 'api/v2/checkpoint';
  const cases: readonly [string, LogLies, string, string][] = [
    ['without saying where', { post: () => duplicate(undefined) }, 'LOG_ANSWER', 'x-log-index'],
    ['at a negative index', { post: () => duplicate(-1) }, 'LOG_ANSWER', 'x-log-index'],
    ['at no number', { post: () => duplicate(NaN) }, 'LOG_ANSWER', 'x-log-index'],
    ['at a number beyond all', { post: () => duplicate(1e21) }, 'LOG_ANSWER', 'x-log-index'],
    ['at that of another entry', { post: () => duplicate(299) }, 'LOG_ANSWER', 'JSON'],
    [
      'in tiles with another entry there',
      changed('api/v2/tile/entries/001', (bytes) => Buffer.concat([Buffer.alloc(2), bytes])),
      'LOG_ANSWER',
      'entries',
    ],
    [
      'in cut tiles',
      changed('api/v2/tile/entries/', (bytes) => bytes.subarray(0, -1)),
      'LOG_ANSWER',
      'ends in an',
    ],
    [
      'in empty tiles',
      changed('api/v2/tile/entries/', () => Buffer.alloc(0)),
      'LOG_ANSWER',
      'entries, found 0',
    ],
    ['in huge tiles', changed('api/v2/tile/entries/', () => Buffer.alloc(17 << 20)), 'LOG_ANSWER', 'bytes'],
    [
      'beside a wrong hash',
      changed('api/v2/tile/0/001', (bytes) => flipped(bytes, 40)),
      'LOG_ANSWER',
      'does not lead',
    ],
    [
      'beside a wrong node',
      changed('api/v2/tile/1/000', (bytes) => flipped(bytes, 3)),
      'LOG_ANSWER',
      'does not lead',
    ],
    [
      'beside cut hashes',
      changed('api/v2/tile/0/', (bytes) => bytes.subarray(0, -1)),
      'LOG_ANSWER',
      'hashes, found',
    ],
    [
      'beside huge tiles of hashes',
      changed('api/v2/tile/0/', () => randomBytes(1 << 20)),
      'LOG_ANSWER',
      'bytes',
    ],
    ['under no checkpoint', changed(CHECKPOINT, () => 'hello'), 'LOG_ANSWER', 'signature block'],
    ['under a page', changed(CHECKPOINT, () => '<!DOCTYPE html><p>Sign in'), 'LOG_ANSWER', 'makes no sense'],
    ['under no text', changed(CHECKPOINT, () => Buffer.of(0xff)), 'LOG_ANSWER', 'makes no sense'],
    ['under a huge checkpoint', changed(CHECKPOINT, () => 'a'.repeat(20_000)), 'LOG_ANSWER', 'bytes'],
    [
      'under an unsigned checkpoint',
      changed(CHECKPOINT, (note) => `${note.toString().split('\n\n')[0] ?? ''}\n\n`),
      'LOG_ANSWER',
      'signature line',
    ],
    [
      'under a changed checkpoint',
      changed(CHECKPOINT, (note) => note.toString().replace('\n700\n', '\n701\n')),
      'LOG_UNTRUSTED',
      'no key of the trusted root',
    ],
    [
      'under a checkpoint of another log',
      changed(CHECKPOINT, (note) => note.toString().replace(/^127\.0\.0\.1\n/, 'log.example\n')),
      'LOG_UNTRUSTED',
      'no key of the trusted root',
    ],
    ['and shows no checkpoint', { prefix: 'elsewhere/' }, 'LOG_ANSWER', 'shows no checkpoint'],
    [
      'and does not answer now',
      { get: () => ({ status: 503, body: 'busy' }) },
      'LOG_UNREACHABLE',
      'status 503',
    ],
    [
      'and leads elsewhere',
      { get: () => ({ status: 302, headers: { location: '/x' } }) },
      'LOG_ANSWER',
      'redirects',
    ],
  ];

  it.each(cases)('%s is an error', async (_, lies, code, message) => {
    const log = await withEntry(lies);
    const error = await send(trusted(log)).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(PresentEntryError);
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(message) as unknown,
    });
  });

  it('is not believed of a log that nobody trusts', async () => {
    const [log, other] = [await withEntry({}), await FakeTiledLog.start()];
    await expect(send(trusted(log, other))).rejects.toMatchObject({ code: 'LOG_UNTRUSTED' });
  });

  it('is not waited for where nothing answers', async () => {
    const log = await withEntry({ get: () => 'silent' });
    await expect(send(trusted(log), { request: 200, all: 700 })).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
    });
  });
});

it.each([
  [400, 'LOG_REFUSED'],
  [500, 'LOG_UNREACHABLE'],
])('a refusal with status %d is told in the words of the log', async (status, code) => {
  const log = await FakeTiledLog.start({
    post: () => ({ status, body: { code: 3, message: 'unsupported key' } }),
  });
  await expect(send(trusted(log))).rejects.toMatchObject({
    code,
    message: expect.stringContaining('unsupported key') as unknown,
  });
});

it('a Rekor v1 is none', async () => {
  const log = await FakeTiledLog.start({ post: () => ({ status: 404, body: { code: 404, message: 'no' } }) });
  await expect(send(trusted(log))).rejects.toMatchObject({
    code: 'LOG_REFUSED',
    message: expect.stringContaining('it has no API of version 2') as unknown,
  });
});
