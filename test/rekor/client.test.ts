import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { decodeHex, encodeHex } from '../../src/encoding.ts';
import { sha256 } from '../../src/digest.ts';
import { parseBaseUrl } from '../../src/http/base-url.ts';
import { RekorClient } from '../../src/rekor/client.ts';
import { parseEntryId } from '../../src/rekor/entry-id.ts';
import { proposedEntry } from '../../src/rekor/helm-entry.ts';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { answer, serve } from '../support/loopback.ts';
import { entriesOf, exchange, type Exchange } from '../support/recorded.ts';
import { vectors } from '../support/vectors.ts';

const leaf = encodeHex(sha256(Buffer.from('leaf')));
const id = parseEntryId(`38d3f72727e1b7a4${leaf}`);
const proposed = proposedEntry(Buffer.from('provenance'), Buffer.from('certificate'));
const json = { 'content-type': 'application/json' };

/** A server with these answers, the last one for all further requests, and a client of it. */
async function log(...handlers: readonly RequestListener[]) {
  const { url, seen } = await serve(...handlers);
  return { url, seen, client: new RekorClient(testClient(), parseBaseUrl(url, 'the test'), testDeadline()) };
}

/** The handler that answers as in a recorded exchange. */
function replay({ response }: Exchange): RequestListener {
  return answer(response.status, response.body, response.headers);
}

const entryJson = (name = id.text, body = 'e30=') => ({
  [name]: {
    body,
    integratedTime: 5,
    logID: leaf,
    logIndex: 1,
    verification: {
      inclusionProof: { checkpoint: '', hashes: [], logIndex: 1, rootHash: leaf, treeSize: 2 },
      signedEntryTimestamp: '',
    },
  },
});
const sends = (status: number, value: unknown) => answer(status, JSON.stringify(value), json);

describe('the client', () => {
  test('asks below the path prefix of the server', async () => {
    const { url, seen } = await serve(sends(200, []));
    const client = new RekorClient(testClient(), parseBaseUrl(`${url}/rekor/`, 'the test'), testDeadline());
    await client.searchIndex({ email: 'a@b.example' });
    expect(seen.map((request) => request.url)).toEqual(['/rekor/api/v1/index/retrieve']);
    expect(client.entryUrl(id)).toBe(`${url}/rekor/api/v1/log/entries/${id.text}`);
  });

  test('returns the entry under the name that the server gave it, whatever was asked for', async () => {
    const { client } = await log(sends(200, entryJson(leaf)));
    expect((await client.getEntry(id))?.id.text).toBe(leaf);
  });

  test('ends when the time for the chart is up', async () => {
    const { url } = await serve(() => undefined);
    const client = new RekorClient(testClient(), parseBaseUrl(url, 'the test'), testDeadline({ all: 50 }));
    await expect(client.logInfo()).rejects.toThrow('the time for all requests is up');
  });

  test.each([
    ['by digest', { sha256: leaf }, { hash: `sha256:${leaf}` }],
    ['by e-mail', { email: 'a@b.example' }, { email: 'a@b.example' }],
    ['by key', { publicKey: Buffer.from('key') }, { publicKey: { format: 'pgp', content: 'a2V5' } }],
  ])('searches the index %s', async (_, query, sent) => {
    const { client, seen } = await log(sends(200, [id.text]));
    expect(await client.searchIndex(query)).toEqual([id]);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(sent);
  });

  test('asks for the consistency proof of a tree', async () => {
    const { client, seen } = await log(sends(200, { hashes: [leaf], rootHash: leaf }));
    expect(await client.consistencyProof('7', 1, 2)).toEqual({
      hashes: [decodeHex(leaf)],
      rootHash: decodeHex(leaf),
    });
    expect(seen[0]?.url).toBe('/api/v1/log/proof?firstSize=1&lastSize=2&treeID=7');
  });
});

describe('the time of an answer', () => {
  const date = 'Wed, 25 Nov 2026 13:00:00 GMT';

  test.each([
    ['is that of its header', { date }, 1_795_611_600],
    ['is not known where its header is none', { date: 'soon' }, undefined],
  ])('%s', async (_, headers, time) => {
    const { client } = await log(answer(200, '[]', headers));
    expect((await client.retrieve([leaf])).answeredAt).toBe(time);
  });
});

describe('an upload', () => {
  test.each([
    ['a path', '/api/v1/log/entries/'],
    ['a URL', 'https://rekor.example/api/v1/log/entries/'],
  ])('that conflicts names the entry that is there by %s', async (_, place) => {
    const { client } = await log(answer(409, '', { location: place + id.text }));
    expect(await client.createEntry(proposed)).toEqual({ status: 'exists', id });
  });

  test.each(['', '/api/v1/log/entries/', '/api/v1/log/entries/abc', `/${id.text}/more`, `/${id.text}?a=/`])(
    'that conflicts with %j does not name the entry that is there',
    async (location) => {
      const { client } = await log(answer(409, '', { location }));
      expect(await client.createEntry(proposed)).toEqual({ status: 'exists', id: undefined });
    },
  );

  test('answered with 200 instead of 201 makes no sense', async () => {
    const { client, url } = await log(sends(200, entryJson()));
    await expect(client.createEntry(proposed)).rejects.toMatchObject({
      code: 'LOG_ANSWER',
      message: expect.stringContaining(`${url}/api/v1/log/entries answered with status 200`) as unknown,
    });
  });
});

describe('entries by their leaf hashes', () => {
  const other = 'ab'.repeat(32);

  test('are asked for in one request', async () => {
    const { client, seen } = await log(sends(200, [entryJson()]));
    expect((await client.retrieve([leaf, other])).entries.map((entry) => entry.id)).toEqual([id]);
    expect(seen.map(({ url, body }) => [url, JSON.parse(body) as unknown])).toEqual([
      ['/api/v1/log/entries/retrieve', { entryUUIDs: [leaf, other] }],
    ]);
  });

  test('a broken one does not hide the others, and is named', async () => {
    const { client } = await log(sends(200, [entryJson(), { [other]: { body: 7 } }, null, {}]));
    expect(await client.retrieve([leaf, other])).toMatchObject({
      entries: [{ id }],
      unreadable: [
        { name: other, reason: 'body: expected a string, found 7' },
        { name: 'an entry without a name', reason: 'expected an object, found null' },
        { name: 'an entry without a name', reason: 'expected an object with one entry, found 0' },
      ],
    });
  });

  test('one that somebody made very long does not hide the others', async () => {
    const { client } = await log((_, response) => {
      const ids = ['all', leaf, other, other][count++];
      const isLong = ids !== leaf;
      response.end(JSON.stringify([entryJson(undefined, isLong ? 'A'.repeat(5 << 20) : 'e30=')]));
    });
    let count = 0;
    const { entries, unreadable } = await client.retrieve([leaf, other]);
    expect(entries.map((entry) => entry.id)).toEqual([id]);
    expect(unreadable).toEqual([{ name: other, reason: 'the answer is longer than 1048576 bytes' }]);
  });

  test('more of them than the log can have trees is refused before one is read', async () => {
    const { client } = await log(sends(200, Array<number>(200_000).fill(0)));
    await expect(client.retrieve([leaf])).rejects.toMatchObject({
      code: 'LOG_ANSWER',
      message: expect.stringContaining('200000 entries where 1 were asked for') as unknown,
    });
  });

  test('what is no object has no name, however long it is', async () => {
    const { client } = await log(sends(200, ['a'.repeat(500_000), Array<number>(100_000).fill(0)]));
    expect((await client.retrieve([leaf])).unreadable.map(({ name }) => name)).toEqual([
      'an entry without a name',
      'an entry without a name',
    ]);
  });

  test('an answer that is no list is refused', async () => {
    const { client } = await log(sends(200, entryJson()));
    await expect(client.retrieve([leaf])).rejects.toMatchObject({
      code: 'LOG_ANSWER',
      message: expect.stringContaining('expected an array, found an object') as unknown,
    });
  });
});

describe('a server that is no Rekor', () => {
  test('answers with an HTML page', async () => {
    const { client, url } = await log(
      answer(200, '<!doctype html><p>Welcome', { 'content-type': 'text/html' }),
    );
    await expect(client.logInfo()).rejects.toMatchObject({
      code: 'LOG_ANSWER',
      message: `${url}/api/v1/log answered with status 200 and makes no sense: expected JSON, found an HTML page`,
      hint: expect.stringMatching(/address of a Rekor server; if it is, a page to sign in/) as unknown,
    });
  });

  test('answers 404 with an HTML page', async () => {
    const { client, url } = await log(answer(404, '<html>Not Found</html>'));
    const refused = {
      code: 'LOG_REFUSED',
      message: expect.stringContaining(
        'answered with status 404: expected JSON, found an HTML page',
      ) as unknown,
      hint: 'check the address of the log: it ends before "/api/v1", and has to be that of a Rekor v1',
    };
    await expect(client.logInfo()).rejects.toMatchObject(refused);
    await expect(client.getEntry(id)).rejects.toMatchObject(refused);
    expect(url).toContain('127.0.0.1');
  });

  const NOT_FOUND = '{"code":5,"message":"Not Found","details":[]}';
  const CHECKPOINT = `log\n1\n${Buffer.alloc(32).toString('base64')}\n\n\u2014 log ${Buffer.alloc(68).toString('base64')}\n`;

  test.each([
    ['that shows tiles', answer(200, CHECKPOINT)],
    ['alone', answer(501, '{"code":12,"message":"method GetCheckpoint not implemented","details":[]}')],
  ])('is a Rekor v2 %s: that is said, with what to do', async (_, checkpoint) => {
    const asked: ((client: RekorClient) => Promise<unknown>)[] = [
      (client) => client.logInfo(),
      (client) => client.searchIndex({ sha256: 'ab'.repeat(32) }),
      (client) => client.getEntry(id),
      (client) => client.publicKey(),
    ];
    for (const ask of asked) {
      const { client, url } = await log(answer(404, NOT_FOUND), checkpoint);
      await expect(ask(client)).rejects.toMatchObject({
        code: 'LOG_REFUSED',
        message: `${url} is a Rekor v2: it has no index, and is not asked for entries, trees or keys`,
        hint: {
          consumer: expect.stringContaining('helm sigstore verify') as unknown,
          publisher: expect.stringContaining('--rekor-version 2') as unknown,
        },
      });
    }
  });

  test.each([
    ['has nothing there either', answer(404, NOT_FOUND)],
    ['says another thing there', answer(200, 'hello')],
    ['says another error there', answer(501, '{"code":5}')],
    ['says no JSON there', answer(501, 'no')],
  ])('is none that has no Rekor v1: it %s', async (_, checkpoint) => {
    const { client } = await log(answer(404, NOT_FOUND), checkpoint);
    await expect(client.logInfo()).rejects.toThrow('answered with status 404: "Not Found"');
  });

  test.each([
    [
      401,
      /check the address .* give a token that the log, .* by --log-token-file, or in HELM_SIGSTORE_LOG_TOKEN/,
    ],
    [403, /check the address of the log for a slip; if it is right, ask those who run the log/],
    [404, /it ends before "\/api\/v1", and has to be that of a Rekor v1/],
  ])('answers %i: the hint says what a user can do', async (status, hint) => {
    for (const body of ['', '<html>Sign in</html>', '{"code":1,"message":"no"}']) {
      const { client } = await log(answer(status, body));
      await expect(client.logInfo()).rejects.toMatchObject({
        code: 'LOG_REFUSED',
        hint: expect.stringMatching(hint) as unknown,
      });
    }
  });

  test.each([
    [401, 'LOG_REFUSED'],
    [403, 'LOG_REFUSED'],
    [429, 'LOG_UNREACHABLE'],
    [500, 'LOG_UNREACHABLE'],
    [503, 'LOG_UNREACHABLE'],
    [418, 'LOG_REFUSED'],
    [204, 'LOG_ANSWER'],
    [304, 'LOG_ANSWER'],
  ])('answers %i: %s', async (status, code) => {
    const { client } = await log(answer(status));
    await expect(client.logInfo()).rejects.toMatchObject({ code });
  });

  test('is older than Rekor 1.5.4 and cannot read the kind of key: the hint says what to do', async () => {
    const message =
      'error processing entry: verifying signature: openpgp: unsupported feature: public key type: 22';
    const { client } = await log(sends(400, { code: 400, message }));
    await expect(client.createEntry(proposed)).rejects.toMatchObject({
      code: 'LOG_REFUSED',
      hint: {
        publisher:
          'this log runs a Rekor before 1.5.4, which cannot read Ed25519 and other newer kinds of keys: sign with an RSA or ECDSA key, or choose another log with --rekor-server',
      },
    });
  });

  test('a message of the server is quoted and cut', async () => {
    const { client } = await log(sends(400, { code: 400, message: `bad\n\u001b[31m${'x'.repeat(1000)}` }));
    await expect(client.logInfo()).rejects.toThrow(
      new RegExp(String.raw`answered with status 400: "bad\\n\\u001b\[31mx{100,200}\.\.\."$`),
    );
  });
});

describe.skipIf(!vectors)('against recorded answers of a real Rekor (needs the vectors)', () => {
  const recorded = (name: string) => exchange('catalogue', name);

  test('a new entry comes back', async () => {
    const { client } = await log(replay(recorded('create-201-rsa')));
    const created = await client.createEntry(proposed);
    const [entry] = entriesOf(recorded('create-201-rsa'));
    expect(created).toMatchObject({
      status: 'created',
      entry: { id: { text: entry?.uuid }, time: { logIndex: 0 } },
    });
  });

  test.each(['create-409-duplicate', 'shards-create-same-leaf-again'])(
    '%s: the entry is there',
    async (name) => {
      const { client } = await log(replay(recorded(name)));
      expect(await client.createEntry(proposed)).toMatchObject({
        status: 'exists',
        id: { text: recorded(name).response.headers['location']?.split('/').at(-1) },
      });
    },
  );

  test('the 500 of several uploads at once goes away when it is tried again', async () => {
    const { client, seen } = await log(
      replay(recorded('create-500-concurrent-duplicate')),
      replay(recorded('create-409-after-concurrent')),
    );
    expect((await client.createEntry(proposed)).status).toBe('exists');
    expect(seen.length).toBe(2);
  });

  test.each([
    ['create-400-bad-signature', 'LOG_REFUSED', 'answered with status 400: "'],
    ['create-400-renewed-whole', 'LOG_REFUSED', '"openpgp: signature expired"'],
    ['create-400-unknown-key', 'LOG_REFUSED', '"openpgp: signature made by unknown entity"'],
    [
      'kind-disabled-create-400',
      'LOG_REFUSED',
      `"entry kind 'helm' is not enabled for submission on this server"`,
    ],
    ['create-disabled-501', 'LOG_REFUSED', '"Create Entry API not enabled in this Rekor instance"'],
    ['delete-405-entry', 'LOG_REFUSED', 'answered with status 405'],
    ['create-415-text-plain', 'LOG_REFUSED', 'answered with status 415'],
    ['create-422-no-spec', 'LOG_REFUSED', 'answered with status 422'],
    ['too-large-500-create', 'LOG_REFUSED', '"http: request body too large"'],
    ['too-large-413-index', 'LOG_REFUSED', 'answered with status 413'],
    ['trillian-down-create', 'LOG_UNREACHABLE', 'answered with status 500'],
    ['shards-frozen-active-create', 'LOG_UNREACHABLE', '"unexpected result from transparency log"'],
    ['get-404-path', 'LOG_REFUSED', '"path /api/v1/nothing was not found"'],
  ])('%s is %s: %s', async (name, code, message) => {
    const { client, url } = await log(replay(recorded(name)));
    const failure = client.createEntry(proposed);
    await expect(failure).rejects.toMatchObject({ code });
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(`${url}/api/v1/log/entries answered with status`);
  });

  test.each([
    ['kind-disabled-create-400', 'this log takes no helm entries: choose another with --rekor-server'],
    ['create-disabled-501', 'this log does not offer that: choose another with --rekor-server'],
    [
      'get-404-path',
      'check the address of the log: it ends before "/api/v1", and has to be that of a Rekor v1',
    ],
    ['too-large-500-create', 'the log takes no entry of this size'],
    [
      'create-400-renewed-whole',
      {
        publisher:
          'this log takes the key as it was when the chart was signed, and this one was renewed or changed since: sign the chart again, or name an older copy of the key as well with --keyring',
      },
    ],
  ])('%s comes with the hint %j', async (name, hint) => {
    const { client } = await log(replay(recorded(name)));
    await expect(client.createEntry(proposed)).rejects.toMatchObject({ hint });
  });

  test.each(['get-404-leaf', 'get-404-entry-id', 'get-404-unknown-tree'])(
    '%s: there is no entry',
    async (name) => {
      const { client } = await log(replay(recorded(name)));
      expect(await client.getEntry(id)).toBeUndefined();
    },
  );

  test('a leaf that is in two trees comes back twice', async () => {
    const { client } = await log(replay(exchange('shards', 'retrieve-both-shards')));
    const { entries, unreadable } = await client.retrieve([leaf]);
    expect(new Set(entries.map((entry) => entry.id.treeId)).size).toBe(2);
    expect(unreadable).toEqual([]);
  });

  test('the trees of a log are told apart', async () => {
    const { client } = await log(replay(recorded('shards-log')));
    const { treeId, treeSize, inactiveShards } = await client.logInfo();
    expect(inactiveShards.map((shard) => shard.treeSize)).toEqual([5]);
    expect(inactiveShards[0]?.treeId).not.toBe(treeId);
    expect(treeSize).toBeGreaterThan(0);
  });

  test.each(['proof-400-last-too-large', 'proof-400-unknown-tree'])(
    '%s: the proof is refused, which is an answer',
    async (name) => {
      const { client } = await log(replay(recorded(name)));
      expect(await client.consistencyProof('7', 1, 9)).toMatchObject({
        refused: expect.stringContaining('status 400') as string,
      });
    },
  );

  test('proof-422-first-zero: a proof that cannot be is an error', async () => {
    const { client } = await log(replay(recorded('proof-422-first-zero')));
    await expect(client.consistencyProof('7', 0, 9)).rejects.toMatchObject({ code: 'LOG_REFUSED' });
  });

  test.each(['log-publicKey-accept-json', 'log-publicKey-accept-pem', 'log-publicKey-no-accept'])(
    '%s: the key of the log is read',
    async (name) => {
      const { client } = await log(replay(recorded(name)));
      expect(logKeyFromPem(await client.publicKey()).logId).toMatch(/^2098cc37/);
    },
  );

  test('the key of an unknown tree is refused', async () => {
    const { client, seen } = await log(replay(recorded('log-publicKey-400-unknown-tree')));
    await expect(client.publicKey('7')).rejects.toMatchObject({ code: 'LOG_REFUSED' });
    expect(seen[0]?.url).toBe('/api/v1/log/publicKey?treeID=7');
  });
});
