import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { encodeBase64, encodeUtf8 } from '../../src/encoding.ts';
import { excessOf } from '../../src/embedded-log/entry/json-limits.ts';
import { IncomingBody } from '../../src/embedded-log/service/incoming-body.ts';
import { LIMITS } from '../../src/embedded-log/limits.ts';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { ask, post } from '../support/ask.ts';
import { open, uploadOf, wholeUpload } from '../support/hostile-client.ts';
import { startTestLog, type TestLog } from '../support/log.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';

const ENTRIES = '/api/v1/log/entries';
let signer: TestSigner;
let provenance: Uint8Array;

beforeAll(async () => {
  signer = await createSigner();
  provenance = await signer.sign('mychart', '1.0.0', Buffer.from('x'));
});

async function testLog(): Promise<TestLog> {
  const log = await startTestLog();
  onTestFinished(() => log.close());
  return log;
}

const entry = (text: Uint8Array, key: Uint8Array) => ({
  kind: 'helm',
  apiVersion: '0.0.1',
  spec: {
    chart: { provenance: { content: encodeBase64(text) } },
    publicKey: { content: encodeBase64(key) },
  },
});
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const userId = latin1('\u00cd\u0007a@b.org');
const withUserIds = (count: number): Uint8Array =>
  Buffer.concat([signer.certificate, ...Array<Uint8Array>(count).fill(userId)]);
const BEGIN = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n';

describe('what is too much is refused before it is read', () => {
  it.each<[string, () => object, string]>([
    [
      'armor of 200,000 headers and 200,000 empty lines',
      () => entry(provenance, latin1(`${BEGIN}${'A:\n'.repeat(200_000)}\n${'\n'.repeat(200_000)}`)),
      'expected at most 50000 lines of OpenPGP keys, found 400002',
    ],
    [
      '36,000 user IDs',
      () => entry(provenance, withUserIds(36_000)),
      'expected at most 4000 OpenPGP packets, found 36003',
    ],
    [
      '201 user IDs',
      () => entry(provenance, withUserIds(LIMITS.userIds)),
      'expected at most 200 user IDs, found 201',
    ],
    [
      'user IDs in armor',
      () => entry(provenance, encodeUtf8(encodeArmor('PGP PUBLIC KEY BLOCK', withUserIds(1000)))),
      'expected at most 200 user IDs, found 1001',
    ],
    [
      '33 keys',
      () => entry(provenance, Buffer.concat(Array<Uint8Array>(33).fill(signer.certificate))),
      'expected at most 32 OpenPGP keys, found 33',
    ],
    [
      'a key of more than a mebibyte',
      () => entry(provenance, Buffer.alloc(2 * LIMITS.keyBytes + 1, 0xcd)),
      'expected at most 1048576 bytes of OpenPGP keys, found 1048577',
    ],
    [
      'a provenance of 100,000 lines',
      () => entry(Buffer.concat([provenance, latin1('\n'.repeat(100_000))]), signer.certificate),
      'expected a provenance of at most 50000 lines, found 100',
    ],
  ])('%s', async (_, body, message) => {
    const log = await testLog();
    const answer = await post(log.url + ENTRIES, body());
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(message);
    expect(log.failures).toEqual([]);
  });

  it('as many user IDs as are allowed are taken, and none too long is searched for', async () => {
    const log = await testLog();
    const long = `${'x'.repeat(400)}@charts.example`;
    const userIds = [...Array.from({ length: 20 }, (_, n) => `u${n}@charts.example`), long];
    const owner = await createSigner({ userIds });
    const text = await owner.sign('mychart', '1.0.0', Buffer.from('x'));
    expect((await post(log.url + ENTRIES, entry(text, owner.certificate))).status).toBe(201);
    const search = async (email: string) =>
      (await post(`${log.url}/api/v1/index/retrieve`, { email })).body.length;
    expect(await search('u19@charts.example')).toBeGreaterThan(80);
    expect(await search(long)).toBe('[]\n'.length);
  });

  it.each([
    ['deep arrays', `${'['.repeat(40)}${']'.repeat(40)}`, 'JSON nested more than 32 deep'],
    ['deep objects', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'JSON nested more than 32 deep'],
    ['many values', `[${'1,'.repeat(10_001)}1]`, 'JSON of more than 10000 values'],
    ['many empty objects', `[${'{},'.repeat(9000)}{}]`, 'JSON of more than 10000 values'],
    ['brackets in text', `{"a":"${'[{,\\"'.repeat(20_000)}"}`, undefined],
    ['what is no JSON', '}}}}]]]]"\\', undefined],
  ])('JSON of %s', async (_, text, excess) => {
    expect(excessOf(encodeUtf8(text))).toBe(excess);
    if (excess === undefined) return;
    const log = await testLog();
    for (const path of [ENTRIES, `${ENTRIES}/retrieve`, '/api/v1/index/retrieve']) {
      const headers = { 'content-type': 'application/json' };
      const answer = await ask(log.url + path, { method: 'POST', headers, body: text });
      expect([answer.status, answer.body]).toEqual([
        400,
        `{"code":400,"message":"expected a request of the API, found ${excess}"}`,
      ]);
    }
  });

  it('what somebody sent is not sent back at any length', async () => {
    const log = await testLog();
    const answer = await post(log.url + ENTRIES, { kind: 'x'.repeat(1_000_000), apiVersion: '1', spec: {} });
    expect(answer.status).toBe(422);
    expect(answer.body.length).toBeLessThan(2 * LIMITS.message);
  });
});

describe('many at once', () => {
  it('large bodies get what room there is, and small ones always have theirs', async () => {
    const log = await testLog();
    const large = Buffer.alloc(7 << 20, ' ');
    const refused: string[] = [];
    for (let each = 0; each < 8; each++) {
      const socket = await open(log.url, uploadOf(8 << 20), large);
      socket.on('data', (answer: Buffer) => refused.push(answer.toString().split('\r\n')[0] ?? ''));
    }
    while (refused.length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(new Set(refused)).toEqual(new Set(['HTTP/1.1 503 Service Unavailable']));
    expect((await post(log.url + ENTRIES, entry(provenance, signer.certificate))).status).toBe(201);
  });

  it('idle connections keep nobody out: those that wait longest go', async () => {
    const log = await testLog();
    const closed: number[] = [];
    for (let each = 0; each < LIMITS.connections + 20; each++) {
      const socket = await open(log.url, uploadOf(100));
      socket.on('close', () => closed.push(each));
    }
    expect((await ask(`${log.url}/ping`)).body).toBe('.');
    while (closed.length < 20) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(closed.slice(0, 20)).toEqual([...Array(20).keys()]);
  });

  it('bodies in many small pieces are dropped with their connection after some hundreds', async () => {
    const append = vi.spyOn(IncomingBody.prototype as unknown as { append: () => void }, 'append');
    const parsed = vi.spyOn(IncomingMessage.prototype, 'push');
    onTestFinished(() => {
      append.mockRestore();
      parsed.mockRestore();
    });
    const log = await testLog();
    const head = `POST ${ENTRIES} HTTP/1.1\r\nHost: log\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const connections = 250;
    const piece = '1\r\n \r\n';
    const sockets = Array.from({ length: connections }, () => open(log.url, head, piece.repeat(20_000)));
    const closed = async (socket: Socket) => {
      if (!socket.closed) await new Promise((resolve) => socket.on('close', resolve));
    };
    await Promise.all((await Promise.all(sockets)).map(closed));
    const pieces = append.mock.calls.length;
    const each = LIMITS.pieces + Math.ceil(LIMITS.pieces / (LIMITS.bytesPerPiece - 1)) + 1;
    expect(pieces).toBeGreaterThan(connections);
    expect(pieces).toBeLessThanOrEqual(connections * each);
    // Nor are the pieces parsed that arrived with them.
    expect(parsed.mock.calls.length).toBeGreaterThanOrEqual(pieces);
    expect(parsed.mock.calls.length).toBeLessThanOrEqual(
      connections * (each + LIMITS.slice / piece.length + 2),
    );
    expect((await ask(`${log.url}/ping`)).body).toBe('.');
    expect(log.failures).toEqual([]);
  });

  it('a body in as many pieces as are allowed is read', async () => {
    const log = await testLog();
    const text = JSON.stringify(entry(provenance, signer.certificate));
    const chunks = Array.from({ length: Math.ceil(text.length / 64) }, (_, n) => {
      const piece = text.slice(64 * n, 64 * (n + 1));
      return `${piece.length.toString(16)}\r\n${piece}\r\n`;
    });
    const head = `POST ${ENTRIES} HTTP/1.1\r\nHost: log\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const socket = await open(log.url, head, `${chunks.join('')}0\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 201');
  });

  it('a second request on a connection before the first was answered ends it', async () => {
    const log = await testLog();
    const body = wholeUpload(Buffer.from(JSON.stringify(entry(provenance, signer.certificate))));
    const socket = await open(log.url, Buffer.concat([body, body]));
    await new Promise((resolve) => socket.on('close', resolve));
    expect((await ask(`${log.url}/ping`)).body).toBe('.');
    expect(log.failures).toEqual([]);
  });
});
