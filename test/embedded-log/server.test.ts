import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startEmbeddedLog, type EmbeddedLog } from '../../src/embedded-log/service/server.ts';
import { proposedEntry, type ProposedEntry } from '../../src/rekor/helm-entry.ts';
import { parseLogEntry } from '../../src/rekor/schemas.ts';
import { ask, post } from '../support/ask.ts';
import { startTestLog, type TestLog } from '../support/log.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ENTRIES = '/api/v1/log/entries';
const NOW = 1_750_000_000;
let signer: TestSigner;

beforeAll(async () => {
  signer = await createSigner();
});

async function proposal(version = '1.0.0'): Promise<ProposedEntry> {
  return proposedEntry(await signer.sign('mychart', version, Buffer.from(version)), signer.certificate);
}

async function testLog(): Promise<TestLog> {
  const log = await startTestLog(NOW);
  onTestFinished(() => log.close());
  return log;
}

const failures: unknown[] = [];
async function serve(directory: string, port = 0): Promise<EmbeddedLog> {
  const onFailure = (error: unknown) => failures.push(error);
  return await startEmbeddedLog({ directory, host: '127.0.0.1', port, now: () => NOW, onFailure });
}

describe('startEmbeddedLog', () => {
  it('an upload is answered with the entry, and found by ID, leaf and index', async () => {
    const log = await testLog();
    const created = await post(log.url + ENTRIES, await proposal());
    expect(created.status).toBe(201);
    const { id, time } = parseLogEntry(JSON.parse(created.body));
    const { logIndex, integratedTime } = time;
    expect({ logIndex, integratedTime }).toEqual({ logIndex: 0, integratedTime: NOW });
    expect(created.headers).toMatchObject({ etag: id.text, location: `${ENTRIES}/${id.text}` });
    for (const path of [`/${id.text}`, `/${id.leafHash}`, `/${id.text.toUpperCase()}`, '?logIndex=0']) {
      const answer = await ask(log.url + ENTRIES + path);
      expect(answer.status).toBe(200);
      expect(parseLogEntry(JSON.parse(answer.body)).id).toEqual(id);
    }
  });

  it('of twenty uploads of one entry at one moment one is new, and the others exist', async () => {
    const log = await testLog();
    const proposed = await proposal();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(log.url + ENTRIES, proposed)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
  });

  it('uploads at one moment are all there, each at an index of its own', async () => {
    const log = await testLog();
    const proposals = await Promise.all(Array.from({ length: 20 }, (_, patch) => proposal(`1.0.${patch}`)));
    const answers = await Promise.all(proposals.map((proposed) => post(log.url + ENTRIES, proposed)));
    const indexes = answers.map(({ body }) => parseLogEntry(JSON.parse(body)).time.logIndex);
    expect(new Set(indexes)).toEqual(new Set(proposals.keys()));
  });

  it('a restarted log answers with the same entries, tree and key', async () => {
    const directory = await temporaryDirectory();
    const first = await serve(directory);
    await post(first.url + ENTRIES, await proposal());
    const before = [(await ask(`${first.url}/api/v1/log`)).body, first.treeId, first.publicKeyPem];
    await first.close();
    const second = await serve(directory);
    onTestFinished(() => second.close());
    expect([(await ask(`${second.url}/api/v1/log`)).body, second.treeId, second.publicKeyPem]).toEqual(
      before,
    );
    expect(await readFile(second.publicKeyPath, 'utf8')).toBe(second.publicKeyPem);
    expect((await ask(`${second.url}${ENTRIES}?logIndex=0`)).status).toBe(200);
    expect((await post(second.url + ENTRIES, await proposal())).status).toBe(409);
  });

  it('an address that is taken is refused, and the directory is free again', async () => {
    const directory = await temporaryDirectory();
    const { port } = new URL((await testLog()).url);
    await expect(serve(directory, Number(port))).rejects.toMatchObject({
      message: expect.stringContaining(`cannot listen at 127.0.0.1:${port}`) as string,
      hint: expect.stringContaining('--listen takes another port') as string,
    });
    await (await serve(directory)).close();
  });

  it('what goes wrong in the log is told to its owner, not to the one who asked', async () => {
    const log = await testLog();
    await post(log.url + ENTRIES, await proposal());
    await truncate(join(log.directory, 'entries.jsonl'), 0);
    const answer = await ask(`${log.url}${ENTRIES}?logIndex=0`);
    expect(answer.status).toBe(500);
    expect(answer.body).toBe('{"code":500,"message":"unexpected result from transparency log"}');
    expect(log.failures).toHaveLength(1);
    expect((await ask(`${log.url}/ping`)).status).toBe(200);
  });

  it('closing waits for what was asked, and gives the directory back', async () => {
    const directory = await temporaryDirectory();
    const log = await serve(directory);
    const answers = Promise.all(
      [1, 2, 3].map(async (n) => post(log.url + ENTRIES, await proposal(`1.0.${n}`))),
    );
    while ((await ask(`${log.url}/api/v1/log`)).body.includes('"treeSize":0'))
      await new Promise(setImmediate);
    await log.close();
    expect((await answers).map(({ status }) => status)).toEqual([201, 201, 201]);
    await (await serve(directory)).close();
  });

  it('an idle connection does not keep it from closing', async () => {
    const log = await serve(await temporaryDirectory());
    const agent = new Agent({ keepAlive: true });
    const sent = request(`${log.url}/ping`, { agent });
    sent.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    await log.close();
    agent.destroy();
    await expect(ask(`${log.url}/ping`)).rejects.toThrow();
  });
});

describe('what is not in the recordings', () => {
  it.each([
    ['DELETE', ENTRIES, 'GET,POST'],
    ['PUT', '/api/v1/log', 'GET'],
    ['GET', '/api/v1/index/retrieve', 'POST'],
  ])('%s %s is answered with what is allowed', async (method, path, allow) => {
    const log = await testLog();
    const answer = await ask(log.url + path, { method });
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
    expect(answer.body).toBe(`{"code":405,"message":"method ${method} is not allowed, but [${allow}] are"}`);
  });

  it.each(['//', '/api/v1/log//', '/api/v1/log/entries/a/b', '/API/v1/log'])(
    'the path %s is not found, and says so',
    async (path) => {
      const { status, body } = await ask((await testLog()).url + path);
      expect([status, body]).toEqual([404, `{"code":404,"message":"path ${path} was not found"}`]);
    },
  );

  it.each(['%', '%ff', '%00', '..%2f'])('the ID %s is none', async (id) => {
    expect((await ask(`${(await testLog()).url}${ENTRIES}/${id}`)).status).toBe(422);
  });

  it.each([
    ['a number', '1', 500],
    ['null', 'null', 422],
    ['garbage', '{"kind":helm}', 500],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('latin1'), 500],
    ['a kind that is a number', '{"kind":1}', 500],
    ['another kind', '{"kind":"hashedrekord","apiVersion":"0.0.1","spec":{}}', 400],
    ['a spec that is text', '{"kind":"helm","apiVersion":"0.0.1","spec":"x"}', 400],
    ['a key that is text', '{"kind":"helm","apiVersion":"0.0.1","spec":{"publicKey":"x"}}', 400],
    ['no chart', '{"kind":"helm","apiVersion":"0.0.1","spec":{"publicKey":{"content":"eA=="}}}', 400],
    [
      'content that is a number',
      '{"kind":"helm","apiVersion":"0.0.1","spec":{"publicKey":{"content":1},"chart":{"provenance":{"content":1}}}}',
      400,
    ],
  ])('an upload of %s is refused', async (_, body, status) => {
    const log = await testLog();
    const headers = { 'content-type': 'application/json' };
    expect((await ask(log.url + ENTRIES, { method: 'POST', headers, body })).status).toBe(status);
    expect(log.failures).toEqual([]);
  });

  it.each([
    ['log/entries/retrieve', { entryUUIDs: 'x' }, 400],
    ['log/entries/retrieve', { entryUUIDs: [1] }, 400],
    ['log/entries/retrieve', { logIndexes: ['1'] }, 400],
    ['log/entries/retrieve', { logIndexes: [-1] }, 422],
    ['log/entries/retrieve', { logIndexes: [1.5] }, 400],
    ['log/entries/retrieve', { logIndexes: [2 ** 60] }, 200],
    ['log/entries/retrieve', { logIndexes: [2 ** 70] }, 400],
    ['log/entries/retrieve', { entries: [null] }, 400],
    ['log/entries/retrieve', { entries: ['x'] }, 400],
    ['index/retrieve', { hash: 1 }, 400],
    ['index/retrieve', { email: { a: 1 } }, 400],
    ['index/retrieve', { operator: 'xor' }, 422],
    ['index/retrieve', { publicKey: 'x' }, 400],
    ['index/retrieve', { publicKey: { format: 'odd', content: 'eA==' } }, 422],
    ['index/retrieve', { publicKey: { format: 'pgp', content: '!' } }, 400],
    ['index/retrieve', { publicKey: { format: 'x509', content: 'eA==' } }, 200],
    ['index/retrieve', [], 400],
  ])('a search in %s for %j has status %d', async (path, query, status) => {
    const log = await testLog();
    expect((await post(`${log.url}/api/v1/${path}`, query)).status).toBe(status);
    expect(log.failures).toEqual([]);
  });

  it('an empty body needs no content type to be missed', async () => {
    const log = await testLog();
    for (const [path, name] of [
      [ENTRIES, 'proposedEntry'],
      [`${ENTRIES}/retrieve`, 'entry'],
      ['/api/v1/index/retrieve', 'query'],
    ] as const) {
      const answer = await ask(log.url + path, { method: 'POST' });
      expect([answer.status, answer.body]).toEqual([
        422,
        `{"code":602,"message":"${name} in body is required"}`,
      ]);
    }
  });

  it.each([
    ['announced', { 'content-type': 'application/json' }],
    ['sent in pieces', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }],
  ])('a body of 17 MiB, %s, is refused, and the log goes on', async (_, headers) => {
    const log = await testLog();
    const sent = request(log.url + ENTRIES, { method: 'POST', headers });
    const body = Buffer.alloc(17 * 1024 * 1024, 'x');
    if (!('transfer-encoding' in headers)) sent.setHeader('content-length', body.length);
    // Whether all of it could be sent before the answer came is a matter of luck.
    sent.on('error', () => undefined);
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(413);
    answer.destroy();
    expect((await ask(`${log.url}/ping`)).body).toBe('.');
    expect(log.failures).toEqual([]);
  });

  it('who hangs up in the middle of an upload does no harm', async () => {
    const log = await testLog();
    const { port } = new URL(log.url);
    const socket = createConnection(Number(port), '127.0.0.1');
    socket.write(`POST ${ENTRIES} HTTP/1.1\r\nHost: log\r\nContent-Length: 100\r\n\r\n{"kind"`);
    await once(socket, 'connect');
    socket.destroy();
    expect((await ask(`${log.url}/ping`)).body).toBe('.');
    expect(log.failures).toEqual([]);
  });

  it('a log without entries has no proof and no entry, and says so', async () => {
    const { url } = await testLog();
    const proof = await ask(`${url}/api/v1/log/proof?lastSize=1`);
    expect([proof.status, proof.body]).toEqual([
      400,
      '{"code":400,"message":"the tree size requested(1) was greater than what is currently observable(0)"}',
    ]);
    expect((await ask(`${url}${ENTRIES}?logIndex=0`)).status).toBe(404);
    expect((await post(`${url}${ENTRIES}/retrieve`, { logIndexes: [0] })).body).toBe('[]\n');
  });

  it('its public key is named by its tree, and no other', async () => {
    const { url, treeId, publicKeyPem } = await testLog();
    expect((await ask(`${url}/api/v1/log/publicKey?treeID=${treeId}`)).body).toBe(publicKeyPem);
    expect((await ask(`${url}/api/v1/log/publicKey?treeID=x`)).status).toBe(422);
  });
});
