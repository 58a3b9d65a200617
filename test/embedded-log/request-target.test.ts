import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UploadTokens, type UploadRules } from '../../src/embedded-log/service/admission.ts';
import { shownPath, targetOf } from '../../src/embedded-log/service/request-target.ts';
import { startEmbeddedLog } from '../../src/embedded-log/service/server.ts';
import { proposedEntry } from '../../src/rekor/helm-entry.ts';
import { createSigner } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ENTRIES = '/api/v1/log/entries';
const TOKEN = 'a-token-that-nobody-guesses';
const GOOD = `Authorization: Bearer ${TOKEN}\r\n`;
const BAD = 'Authorization: Bearer a-token-of-somebody-else\r\n';

/** A log, and what it answers to bytes. */
async function served(rules: UploadRules = {}) {
  const log = await startEmbeddedLog({
    directory: await temporaryDirectory(),
    ...{ host: '127.0.0.1', port: 0, now: () => 1_750_000_000, onFailure: () => undefined, rules },
  });
  onTestFinished(() => log.close());
  const signer = await createSigner();
  const body = JSON.stringify(
    proposedEntry(await signer.sign('a', '1.0.0', Buffer.from('an archive')), signer.certificate),
  );
  const send = async (bytes: string) => {
    const socket = connect(Number(new URL(log.url).port), '127.0.0.1');
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    // Who is refused at once may not have read all.
    socket.on('error', () => undefined);
    socket.write(Buffer.from(bytes, 'latin1'));
    await once(socket, 'close');
    const [head = '', content = ''] = Buffer.concat(pieces).toString().split('\r\n\r\n');
    return { status: Number(head.split(' ')[1]), head, content };
  };
  const always = 'Host: log\r\nConnection: close\r\n';
  const get = (path: string) => send(`GET ${path} HTTP/1.1\r\n${always}\r\n`);
  const post = (path: string, headers = '', method = 'POST') =>
    send(
      `${method} ${path} HTTP/1.1\r\n${always}Content-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
  const size = async () => (JSON.parse((await get('/api/v1/log')).content) as { treeSize: number }).treeSize;
  return { get, post, send, size, body };
}

describe('a path that a proxy reads in another way than the log', () => {
  const tricks = [
    '//x/metrics',
    '///metrics',
    '//user:password@x/metrics',
    '/\\x/metrics',
    '\\metrics',
    '/x\\..\\metrics',
    '/x/../metrics',
    '/./metrics',
    '/x/%2e%2e/metrics',
    '/x/%2E./metrics',
    '/metrics#x',
    '/#/metrics',
    '/%6detrics',
    '/metrics%2f',
    '/metrics%00',
    '/metrics;x',
    '/metrics//',
    '/METRICS',
    'http:/metrics',
    'http://log/x/../metrics',
    'http://log\\metrics',
    'http://log:99999/metrics',
    'ftp://log/metrics',
    '*',
  ];
  it.each(tricks)('has nothing at it: %s', async (path) => {
    const { get } = await served();
    expect([400, 404]).toContain((await get(path)).status);
  });

  it.each(['/metrics', '/metrics/', '/metrics?x=/../y', 'http://log/metrics', 'https://log:1/metrics?x'])(
    'is none of these: %s',
    async (path) => {
      const { get } = await served();
      expect((await get(path)).status).toBe(200);
    },
  );

  it.each(['//x', '/\\x', '/x/..', '/.', '/x\\..'])('takes no upload either: %s', async (before) => {
    const { post, size } = await served();
    expect((await post(before + ENTRIES)).status).toBe(404);
    expect(await size()).toBe(0);
  });

  it('is what the access log shows, without a query and without credentials', () => {
    expect(shownPath('//x/metrics?secret')).toBe('//x/metrics');
    expect(shownPath('/x/../metrics')).toBe('/x/../metrics');
    expect(shownPath('http://user:password@log/metrics?secret')).toBe('/metrics');
    expect(shownPath('http://user:password@log/x/../metrics')).toBe('(unreadable)');
    expect(shownPath('http://log')).toBe('/');
    expect(targetOf('/api/v1/log?x=1')?.query.get('x')).toBe('1');
  });
});

describe('of headers that say two things', () => {
  it.each([
    ['a token and another one', GOOD + BAD, 401],
    ['another one and the token', BAD + GOOD, 401],
    ['the token twice', GOOD + GOOD, 401],
    ['a blank before the colon', `Authorization : Bearer ${TOKEN}\r\n`, 400],
    ['a folded line', `Authorization: Bearer\r\n ${TOKEN}\r\n`, 400],
    ['a line feed alone', `X: y\nAuthorization: Bearer ${TOKEN}\r\n`, 400],
    ['two lengths', `${GOOD}Content-Length: 1\r\n`, 400],
    ['a length and chunks', `${GOOD}Transfer-Encoding: chunked\r\n`, 400],
  ])('no upload is taken: %s', async (_, headers, status) => {
    const { post, size } = await served({ tokens: new UploadTokens([TOKEN]) });
    expect((await post(ENTRIES, headers)).status).toBe(status);
    expect(await size()).toBe(0);
  });

  it('the token alone is taken, and a header of any length is none', async () => {
    const { post, size } = await served({ tokens: new UploadTokens([TOKEN]) });
    expect((await post(ENTRIES, `Authorization: Bearer ${'x'.repeat(100_000)}\r\n`)).status).toBe(431);
    expect((await post(ENTRIES, GOOD)).status).toBe(201);
    expect(await size()).toBe(1);
  });

  it('what stands behind a request whose length is in doubt is no second request', async () => {
    const { send, size, body } = await served({ tokens: new UploadTokens([TOKEN]) });
    const behind = `POST ${ENTRIES} HTTP/1.1\r\nHost: log\r\n${GOOD}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const head = `GET /ping HTTP/1.1\r\nHost: log\r\nContent-Length: ${behind.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    expect((await send(head + behind)).status).toBe(400);
    expect(await size()).toBe(0);
  });
});

describe('a log that is read only', () => {
  const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];
  const paths = [
    '/',
    '/api/v1/log',
    ENTRIES,
    `${ENTRIES}/`,
    `${ENTRIES}/1`,
    '/checkpoint',
    '/tile/0/000',
    '/metrics',
  ];
  it.each(methods)('adds nothing by %s, at whatever path, also not with a token', async (method) => {
    const { post, size } = await served({ isReadOnly: true, tokens: new UploadTokens([TOKEN]) });
    for (const path of paths) {
      const { status } = await post(path, GOOD, method);
      expect([200, 404, 405, 415, 501], `${method} ${path}`).toContain(status);
      if (status === 200) expect(method).toBe('HEAD');
    }
    expect(await size()).toBe(0);
  });
});
