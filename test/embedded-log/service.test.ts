import { readFile } from 'node:fs/promises';
import { Agent, request as requestHttps } from 'node:https';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { UploadTokens } from '../../src/embedded-log/service/admission.ts';
import { LIMITS } from '../../src/embedded-log/limits.ts';
import {
  startEmbeddedLog,
  type EmbeddedLog,
  type EmbeddedLogOptions,
} from '../../src/embedded-log/service/server.ts';
import {
  startLogService,
  type LogService,
  type LogServiceOptions,
} from '../../src/embedded-log/service/service.ts';
import { proposedEntry, type ProposedEntry } from '../../src/rekor/helm-entry.ts';
import { ask, post } from '../support/ask.ts';
import { holdTime, pass, passUntil } from '../support/held-time.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { selfSignedCertificate, type TlsIdentity } from '../support/tls-certificate.ts';

const ENTRIES = '/api/v1/log/entries';
const NOW = 1_750_000_000;
const TOKEN = 'a-token-that-nobody-guesses';
let [signer, stranger]: TestSigner[] = [];

beforeAll(async () => {
  [signer, stranger] = await Promise.all([createSigner(), createSigner()]);
});

async function serve(options: Partial<EmbeddedLogOptions> = {}): Promise<EmbeddedLog> {
  const log = await startEmbeddedLog({
    directory: await temporaryDirectory(),
    ...{ host: '127.0.0.1', port: 0, now: () => NOW, onFailure: () => undefined },
    ...options,
  });
  onTestFinished(() => log.close());
  return log;
}

async function proposal(patch = 0, by = signer, certificates = by?.certificate): Promise<ProposedEntry> {
  const provenance = await by?.sign('mychart', `1.0.${patch}`, Buffer.from(`${patch}`));
  return proposedEntry(provenance ?? Buffer.of(), certificates ?? Buffer.of());
}

async function upload(url: string, proposed: ProposedEntry, headers: Record<string, string> = {}) {
  const sent = { 'content-type': 'application/json', ...headers };
  return await ask(url + ENTRIES, { method: 'POST', headers: sent, body: JSON.stringify(proposed) });
}

const sizeOf = async (url: string) =>
  (JSON.parse((await ask(`${url}/api/v1/log`)).body) as { treeSize: number }).treeSize;

describe('a log that is read only', () => {
  it('refuses uploads as a Rekor does that has them switched off, and answers all else', async () => {
    const directory = await temporaryDirectory();
    const writable = await serve({ directory });
    expect((await upload(writable.url, await proposal())).status).toBe(201);
    await writable.close();
    const { url } = await serve({ directory, rules: { isReadOnly: true } });
    const refused = await upload(url, await proposal(1));
    expect([refused.status, refused.body]).toEqual([
      501,
      '{"code":501,"message":"Create Entry API not enabled in this Rekor instance"}',
    ]);
    // One that it has is no exception.
    expect((await upload(url, await proposal())).status).toBe(501);
    expect((await ask(`${url}${ENTRIES}?logIndex=0`)).status).toBe(200);
    const query = { entries: [await proposal()] };
    expect(JSON.parse((await post(`${url}${ENTRIES}/retrieve`, query)).body)).toHaveLength(1);
    expect(await sizeOf(url)).toBe(1);
  });
});

describe('a log that takes entries with a token', () => {
  const wrong: [string, Record<string, string>][] = [
    ['no header', {}],
    ['another token', { authorization: 'Bearer another-token-of-some-kind' }],
    ['a token that begins with it', { authorization: `Bearer ${TOKEN}x` }],
    ['the beginning of it', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['no token', { authorization: 'Bearer' }],
    ['an empty token', { authorization: 'Bearer  ' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['a password', { authorization: `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}` }],
    ['two tokens', { authorization: `Bearer ${TOKEN}, Bearer ${TOKEN}` }],
    ['it in another case', { authorization: `Bearer ${TOKEN.toUpperCase()}` }],
    ['it in another header', { 'x-api-key': TOKEN, cookie: `token=${TOKEN}` }],
  ];
  it.each(wrong)('refuses %s', async (_, headers) => {
    const { url } = await serve({ rules: { tokens: new UploadTokens([TOKEN]) } });
    const refused = await upload(url, await proposal(), headers);
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer realm="helm-sigstore-log"${'authorization' in headers ? ', error="invalid_token"' : ''}`,
    );
    expect(refused.body).not.toContain(TOKEN);
    expect(await sizeOf(url)).toBe(0);
  });

  it('refuses it in the query, where every log of a proxy would have it', async () => {
    const { url } = await serve({ rules: { tokens: new UploadTokens([TOKEN]) } });
    const refused = await post(`${url}${ENTRIES}?apiKey=${TOKEN}&access_token=${TOKEN}`, await proposal());
    expect(refused.status).toBe(401);
  });

  it.each([TOKEN, 'the-second-one-of-the-file'])('takes %s, however the scheme is written', async (token) => {
    const { url } = await serve({
      rules: { tokens: new UploadTokens([TOKEN, 'the-second-one-of-the-file']) },
    });
    expect((await upload(url, await proposal(), { authorization: `bearer  ${token}` })).status).toBe(201);
  });

  it('reads need none', async () => {
    const { url } = await serve({ rules: { tokens: new UploadTokens([TOKEN]) } });
    for (const path of ['/api/v1/log', '/api/v1/log/publicKey', '/ping', '/healthz', '/metrics'])
      expect((await ask(url + path)).status).toBe(200);
    expect((await post(`${url}/api/v1/index/retrieve`, { email: 'a@example.com' })).status).toBe(200);
  });
});

describe('a log that takes entries of certain signers', () => {
  const allowing = async (...signers: string[]) => await serve({ rules: { signers } });

  it('takes theirs', async () => {
    const { url } = await allowing(signer?.fingerprint ?? '', 'ab'.repeat(20));
    expect((await upload(url, await proposal())).status).toBe(201);
  });

  it('takes those of a subkey by the fingerprint of its primary key, and not by its own', async () => {
    const withSubkey = await createSigner({ subkey: {} });
    const proposed = await proposal(0, withSubkey);
    expect((await upload((await allowing(withSubkey.fingerprint)).url, proposed)).status).toBe(201);
    expect((await upload((await allowing(withSubkey.signingFingerprint)).url, proposed)).status).toBe(403);
  });

  it('refuses those of others, and says whose key signed', async () => {
    const { url } = await allowing(signer?.fingerprint ?? '');
    const refused = await upload(url, await proposal(0, stranger));
    expect(refused.status).toBe(403);
    expect((JSON.parse(refused.body) as { message: string }).message).toBe(
      `this log takes entries of certain signers, and ${stranger?.fingerprint.toUpperCase()}, whose key made this signature, is not one of them`,
    );
    expect(await sizeOf(url)).toBe(0);
  });

  const certificate = (of: TestSigner | undefined) => of?.certificate ?? Buffer.of();
  it.each([
    ['before', () => [certificate(signer), certificate(stranger)]],
    ['behind', () => [certificate(stranger), certificate(signer)]],
    ['around', () => [certificate(signer), certificate(stranger), certificate(signer)]],
  ])('refuses one of somebody else with an allowed certificate %s his own', async (_, certificates) => {
    const { url } = await allowing(signer?.fingerprint ?? '');
    const forged = await proposal(0, stranger, Buffer.concat(certificates()));
    // Rekor, and this log without the rule, would take it.
    expect((await upload((await serve()).url, forged)).status).toBe(201);
    expect((await upload(url, forged)).status).toBe(403);
    expect(await sizeOf(url)).toBe(0);
  });

  it('refuses a signature of an allowed key that is forged', async () => {
    const { url } = await allowing(signer?.fingerprint ?? '');
    const of = await proposal(0, stranger, certificate(signer));
    expect((await upload(url, of)).status).toBe(400);
  });
});

describe('the access log', () => {
  async function served(options: Partial<LogServiceOptions> = {}) {
    const directory = await temporaryDirectory();
    const path = join(directory, 'access.jsonl');
    const warnings: string[] = [];
    const log: LogService = await startLogService({
      directory: join(directory, 'log'),
      ...{ host: '127.0.0.1', port: 0, now: () => NOW, onFailure: () => undefined },
      ...{ isReadOnly: false, signers: [], accessLog: path, interrupted: new AbortController().signal },
      warn: (text) => warnings.push(text),
      ...options,
    });
    onTestFinished(() => log.close());
    const lines = async () => {
      await log.close();
      const text = await readFile(path, 'utf8');
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    return { log, path, warnings, lines };
  }

  it('has a line for each request: when, who, what, and what came of it', async () => {
    const { log, lines } = await served();
    const created = await upload(log.url, await proposal());
    await ask(`${log.url}/nowhere`);
    const [first, second, ...others] = await lines();
    expect(others).toEqual([]);
    expect(first).toEqual({
      ...{ time: '2025-06-15T15:06:40Z', remote: '127.0.0.1', method: 'POST', path: ENTRIES, status: 201 },
      bytes: Buffer.byteLength(created.body),
      milliseconds: expect.any(Number) as number,
    });
    expect(second).toMatchObject({ method: 'GET', path: '/nowhere', status: 404 });
  });

  it('has no secret: neither headers nor queries, nor the credentials of a URL', async () => {
    const { log, path } = await served();
    const headers = { authorization: `Bearer ${TOKEN}`, cookie: TOKEN };
    await ask(`${log.url}/api/v1/log?apiKey=${TOKEN}#${TOKEN}`, { headers });
    const socket = connect(Number(new URL(log.url).port), '127.0.0.1');
    socket.write(
      `GET http://user:${TOKEN}@log/ping?${TOKEN} HTTP/1.1\r\nHost: log\r\nConnection: close\r\n\r\n`,
    );
    await once(socket.resume(), 'close');
    await log.close();
    const text = await readFile(path, 'utf8');
    expect(text.trim().split('\n')).toHaveLength(2);
    expect(text).not.toContain(TOKEN);
    expect(text).toContain('"path":"/ping"');
  });

  it('is one line of printable ASCII for each request, whatever its path has', async () => {
    const { log, path, lines } = await served();
    const port = Number(new URL(log.url).port);
    // Bytes that are no ASCII the parser of requests refuses, so that no line is about them.
    for (const path of [
      '/"},{"status":200,\\u000a"',
      '/\x80\x9b31m\xe9',
      '/\x1b[31m',
      '/%0a%1b[31m%e2%80%ae',
    ]) {
      const socket = connect(port, '127.0.0.1');
      socket.write(Buffer.from(`GET ${path} HTTP/1.1\r\nHost: log\r\nConnection: close\r\n\r\n`, 'latin1'));
      await once(socket.resume(), 'close');
    }
    await ask(`${log.url}/${'a'.repeat(5000)}`);
    const found = await lines();
    expect(found.map(({ status, path }) => [status, String(path).slice(0, 40)])).toEqual([
      [404, '/"},{"status":200,\\u000a"'],
      [404, '/%0a%1b[31m%e2%80%ae'],
      [404, `/${'a'.repeat(39)}`],
    ]);
    expect(String(found[2]?.['path'])).toHaveLength(500);
    expect(await readFile(path, 'latin1')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\xff]/);
  });

  it('is the owner’s alone', async () => {
    const { log, path } = await served();
    await log.close();
    const { stat } = await import('node:fs/promises');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('lines that cannot be written are lost and counted, told of once, and the log goes on', async () => {
    let isFull = true;
    const written: string[] = [];
    const append = async (text: string) => {
      await Promise.resolve();
      if (isFull) throw new Error('no space left');
      written.push(text);
    };
    const { log, warnings } = await served({ accessLog: append });
    for (let round = 0; round < 3; round++) expect((await ask(`${log.url}/ping`)).status).toBe(200);
    while (warnings.length === 0) await new Promise(setImmediate);
    isFull = false;
    await ask(`${log.url}/ping`);
    await log.close();
    expect(warnings).toEqual(['lines of the access log are lost: no space left']);
    const lines = written.join('').trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ time: '2025-06-15T15:06:40Z', lost: 3 });
  });

  it('closing does not wait for a reader who never comes', async () => {
    const { log } = await served({ accessLog: () => new Promise<void>(() => undefined) });
    await ask(`${log.url}/ping`);
    holdTime();
    await passUntil(log.close(), 500);
  });

  it('where its reader sleeps, lines are lost, and memory is not', async () => {
    let wake: () => void = () => undefined;
    const sleeping = new Promise<void>((resolve) => (wake = resolve));
    const written: string[] = [];
    const { AccessLines } = await import('../../src/embedded-log/service/access-lines.ts');
    const lines = new AccessLines(
      async (text) => {
        await sleeping;
        written.push(text);
      },
      () => NOW,
      () => undefined,
    );
    const answered = { remote: '', method: 'GET', path: '/'.repeat(400), route: '', status: 200, bytes: 0 };
    for (let round = 0; round < 10_000; round++) lines.add({ ...answered, milliseconds: 1 });
    wake();
    await lines.written();
    const text = written.join('');
    expect(text.length).toBeLessThan(2 << 20);
    const kept = text.trimEnd().split('\n');
    const { lost } = JSON.parse(kept.find((line) => line.includes('"lost"')) ?? '{}') as { lost?: number };
    // Those that are lost at the end are said with the next line.
    expect(kept.length).toBeLessThan(10_000);
    lines.add({ ...answered, milliseconds: 1 });
    await lines.written();
    const all = written.join('').trimEnd().split('\n');
    const sum = all.map((line) => (JSON.parse(line) as { lost?: number }).lost ?? 1);
    expect(sum.reduce((one, other) => one + other, 0)).toBe(10_001);
    expect(lost ?? 1).toBeGreaterThan(0);
  });
});

describe('https', () => {
  const get = async (url: string, { cert: ca }: TlsIdentity, path = '/ping'): Promise<number> =>
    await new Promise((resolve, reject) => {
      requestHttps(url + path, { ca, agent: false }, (answer) => {
        answer.resume().once('end', () => {
          resolve(answer.statusCode ?? 0);
        });
      })
        .on('error', reject)
        .end();
    });

  it('serves it with the certificate, and nothing by http', async () => {
    const tls = selfSignedCertificate();
    const { url } = await serve({ tls });
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:[0-9]+$/);
    expect(await get(url, tls)).toBe(200);
    await expect(ask(`${url.replace('https:', 'http:')}/ping`)).rejects.toThrow();
    await expect(get(url, selfSignedCertificate())).rejects.toThrow(/self-signed/);
  });

  it('a new certificate is for new connections, and a bad one changes nothing', async () => {
    const [first, second] = [selfSignedCertificate(), selfSignedCertificate()];
    const log = await serve({ tls: first });
    const agent = new Agent({ keepAlive: true, ca: first.cert, maxSockets: 1 });
    onTestFinished(() => {
      agent.destroy();
    });
    const kept = async () =>
      await new Promise<boolean>((resolve, reject) => {
        const sent = requestHttps(`${log.url}/ping`, { agent }, (answer) => {
          answer.resume().once('end', () => {
            resolve(sent.reusedSocket);
          });
        });
        sent.on('error', reject).end();
      });
    expect(await kept()).toBe(false);
    for (const bad of [
      { cert: second.cert, key: first.key },
      { cert: 'nothing', key: second.key },
      { cert: second.cert, key: 'nothing' },
      { cert: '', key: '' },
    ])
      expect(() => {
        log.replaceTls(bad);
      }).toThrow('the certificate cannot be served');
    expect(await get(log.url, first)).toBe(200);
    log.replaceTls(second);
    expect(await get(log.url, second)).toBe(200);
    await expect(get(log.url, first)).rejects.toThrow(/self-signed/);
    expect(await kept()).toBe(true);
  });

  it('a pair that does not fit is refused at start, and the directory is free again', async () => {
    const directory = await temporaryDirectory();
    const tls = { cert: selfSignedCertificate().cert, key: selfSignedCertificate().key };
    await expect(serve({ directory, tls })).rejects.toThrow('the certificate cannot be served');
    await serve({ directory });
  });

  it('who begins TLS and says nothing more keeps nobody out, also not by hundreds', async () => {
    const tls = selfSignedCertificate();
    const log = await serve({ tls });
    const port = Number(new URL(log.url).port);
    const silent = Array.from({ length: LIMITS.handshakes + LIMITS.connections + 20 }, () =>
      connect(port, '127.0.0.1').on('error', () => undefined),
    );
    onTestFinished(() => {
      for (const socket of silent) socket.destroy();
    });
    await Promise.all(silent.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
    expect(await get(log.url, tls)).toBe(200);
    const gone = () => silent.filter(({ destroyed }) => destroyed).length;
    while (gone() < LIMITS.connections) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('closing does not wait for them', async () => {
    const tls = selfSignedCertificate();
    const log = await serve({ tls });
    const port = Number(new URL(log.url).port);
    const silent = connect(port, '127.0.0.1').on('error', () => undefined);
    const idle = connectTls({ port, host: '127.0.0.1', ca: tls.cert }).on('error', () => undefined);
    onTestFinished(() => {
      for (const socket of [silent, idle]) socket.destroy();
    });
    await Promise.all([once(silent, 'connect'), once(idle, 'secureConnect')]);
    await log.close();
  });

  it('an upload that is under way is answered, and its connection ends with that', async () => {
    const tls = selfSignedCertificate();
    const log = await serve({ tls });
    const agent = new Agent({ keepAlive: true, ca: tls.cert });
    onTestFinished(() => {
      agent.destroy();
    });
    const body = JSON.stringify(await proposal());
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = requestHttps(log.url + ENTRIES, { method: 'POST', agent, headers });
    sent.write(body.slice(0, 100));
    await once(sent, 'socket');
    // The log has the head of the request when it counts the connection as one that asks.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const closing = log.close();
    sent.end(body.slice(100));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect([answer.statusCode, answer.headers.connection]).toEqual([201, 'close']);
    answer.resume();
    await closing;
  });
});

describe('where http is served', () => {
  it.each(['0.0.0.0', '::', '::ffff:127.0.0.1'])('not at %s, and no directory is made', async (host) => {
    const directory = join(await temporaryDirectory(), 'log');
    await expect(serve({ host, directory })).rejects.toMatchObject({
      code: 'USAGE',
      message: `expected --tls-cert and --tls-key where other machines can ask, found http at ${host}`,
    });
    await expect(readFile(join(directory, 'key.pem'))).rejects.toThrow('ENOENT');
  });

  it('a name is looked up before that is judged', async () => {
    expect((await serve({ host: 'localhost' })).url).toMatch(/^http:\/\/(?:127\.0\.0\.1|\[::1\]):/);
    await expect(serve({ host: 'no-such-host.invalid' })).rejects.toMatchObject({ code: 'INPUT' });
  });

  it('at any address where that is asked for', async () => {
    const { url } = await serve({ host: '0.0.0.0', mayBePlain: true });
    expect((await ask(`${url.replace('0.0.0.0', '127.0.0.1')}/ping`)).status).toBe(200);
  });
});

describe('closing', () => {
  it('answers an upload that is under way, and takes no further connection', async () => {
    const log = await serve();
    const body = JSON.stringify(await proposal());
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = requestHttp(log.url + ENTRIES, { method: 'POST', headers, agent: false });
    sent.write(body.slice(0, 100));
    await once(sent, 'socket');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const closing = log.close();
    await expect(ask(`${log.url}/ping`)).rejects.toThrow();
    sent.end(body.slice(100));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect([answer.statusCode, answer.headers.connection]).toEqual([201, 'close']);
    answer.resume();
    await closing;
  });

  it('does not wait longer than it says for one that never ends', async () => {
    const log = await serve();
    const sent = requestHttp(log.url + ENTRIES, {
      ...{ method: 'POST', agent: false },
      headers: { 'content-type': 'application/json', 'content-length': 1000 },
    });
    sent.on('error', () => undefined).write('{');
    await once(sent, 'socket');
    await new Promise((resolve) => setTimeout(resolve, 300));
    holdTime();
    let isClosed = false;
    const closing = log.close().then(() => {
      isClosed = true;
    });
    await pass(LIMITS.endTimeout - 1);
    expect(isClosed).toBe(false);
    await pass(1);
    await closing;
  });
});
