import type { RequestListener, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { Deadline, limitsOf, type Limits } from '../../src/http/deadline.ts';
import { holdTime, passUntil } from '../support/held-time.ts';
import { answer, serve, serveTcp, unusedPort } from '../support/loopback.ts';
import { get, post, testClient, testDeadline } from './client.ts';

const getWithin = (limits: Partial<Limits>, url: string) => get(url, 1000, testDeadline(limits));
const text = (body: Uint8Array) => Buffer.from(body).toString();

describe('an answer', () => {
  test('comes with status, headers and body, whatever the status', async () => {
    const { url } = await serve(answer(404, 'nothing here', { 'x-test': 'a' }));
    const { status, headers, body, url: from } = await testClient().request(get(`${url}/path?q=1`));
    expect({ status, test: headers['x-test'], body: text(body), from: from.href }).toEqual({
      status: 404,
      test: 'a',
      body: 'nothing here',
      from: `${url}/path?q=1`,
    });
  });

  test('is asked for as helm-sigstore, uncompressed, with method, headers and body', async () => {
    const { url, seen } = await serve(answer(200));
    await testClient().request({ ...post(url), headers: { 'content-type': 'application/json' } });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        body: '{"a":1}',
        headers: {
          'user-agent': 'helm-sigstore/test',
          'accept-encoding': 'identity',
          'content-type': 'application/json',
          'content-length': '7',
        },
      },
    ]);
  });

  test('to a PUT comes like any other, and the body is sent', async () => {
    const { url, seen } = await serve(answer(201));
    await testClient().request({ ...post(url), method: 'PUT' });
    expect(seen).toMatchObject([{ method: 'PUT', body: '{"a":1}' }]);
  });

  test('to a HEAD has no body', async () => {
    const { url, seen } = await serve(answer(200, '', { 'content-length': '5' }));
    const { status, body } = await testClient().request({ ...get(url, 0), method: 'HEAD' });
    expect([status, body.length, seen[0]?.method]).toEqual([200, 0, 'HEAD']);
  });

  test('to a POST without a body says that there is none', async () => {
    const { url, seen } = await serve(answer(202));
    await testClient().request({ ...get(url), method: 'POST' });
    expect(seen).toMatchObject([{ method: 'POST', headers: { 'content-length': '0' } }]);
  });

  test('of exactly the limit is read, one byte more is not', async () => {
    const { url } = await serve(answer(200, 'x'.repeat(1000)));
    expect((await testClient().request(get(url, 1000))).body.length).toBe(1000);
    await expect(testClient().request(get(url, 999))).rejects.toMatchObject({
      code: 'LOG_ANSWER',
      message: `no usable answer from ${url}/: the answer is longer than 999 bytes`,
    });
  });

  test('that is the page of an error may be longer than what was asked for, up to 64 KiB', async () => {
    const { url } = await serve(answer(404, 'x'.repeat(65_536)), answer(404, 'x'.repeat(65_537)));
    expect((await testClient().request(get(url, 7))).status).toBe(404);
    await expect(testClient().request(get(url, 7))).rejects.toThrow('the answer is longer than 65536 bytes');
  });

  test('that is a long page of a server out of order is tried again', async () => {
    const { url } = await serve(answer(503, 'x'.repeat(9000)), answer(200, 'now'));
    expect((await testClient().request(get(url, 7))).body.toString()).toBe('now');
  });

  test('without an end is cut off at the limit', async () => {
    let closed = false;
    const endless: RequestListener = (_, response) => {
      response.on('close', () => (closed = true));
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(65536)));
        if (!response.destroyed) response.once('drain', write);
      };
      write();
    };
    const { url, seen } = await serve(endless);
    await expect(testClient().request(get(url, 1 << 20))).rejects.toThrow('longer than 1048576 bytes');
    await expect.poll(() => closed).toBe(true);
    expect(seen.length).toBe(1);
  });

  test('that is compressed without being asked is refused, for its size is not what was counted', async () => {
    const { url } = await serve(answer(200, gzipSync('{}'), { 'content-encoding': 'gzip' }));
    await expect(testClient().request(get(url))).rejects.toMatchObject({
      code: 'LOG_ANSWER',
      message: expect.stringContaining('compressed, which was not asked for') as unknown,
    });
  });

  test('that is not HTTP is refused at once', async () => {
    let connections = 0;
    const port = await serveTcp((socket) => {
      connections++;
      socket.end('SSH-2.0-test\r\n');
    });
    await expect(testClient().request(get(`http://127.0.0.1:${port}/`))).rejects.toMatchObject({
      code: 'LOG_ANSWER',
      message: expect.stringContaining('the answer is not HTTP') as unknown,
    });
    expect(connections).toBe(1);
  });

  test('comes over the connection of the one before', async () => {
    const ports = new Set<number | undefined>();
    const { url } = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    const client = testClient();
    for (let i = 0; i < 3; i++) await client.request(get(url));
    client.close();
    expect(ports.size).toBe(1);
  });
});

describe('a server that is not there', () => {
  test('is tried four times, and the message says where and what to do', async () => {
    const port = await unusedPort();
    await expect(
      testClient().request(get(`http://user:secret@127.0.0.1:${port}/api?token=1`)),
    ).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
      message: `no usable answer from http://127.0.0.1:${port}/api: connection refused (tried 4 times)`,
      hint: 'check the address of the server and that the server is running',
    });
  });
});

describe('time', () => {
  beforeEach(holdTime);
  /** What becomes of a request within these limits, when a millisecond after the other has passed. */
  const inTime = (limits: Partial<Limits>, url: string, meanwhile?: () => unknown) =>
    passUntil(testClient().request(getWithin(limits, url)), 10, meanwhile);

  test('a server that accepts and says nothing is given up after the total', async () => {
    const { url } = await serve(() => undefined);
    await expect(inTime({ request: 100 }, url)).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
      message: `no usable answer from ${url}/: no complete answer within 0.1 s`,
      hint: 'try again later, or give it more time with --timeout',
    });
  });

  test('a TLS handshake that does not come is given up after the time to connect', async () => {
    const port = await serveTcp(() => undefined);
    await expect(inTime({ connect: 100 }, `https://127.0.0.1:${port}/`)).rejects.toThrow(
      'no connection within 0.1 s',
    );
  });

  test('a body that stops in the middle is given up after the idle time', async () => {
    const { url } = await serve((_, response) => void response.write('{"a":'));
    await expect(inTime({ idle: 100 }, url)).rejects.toThrow(
      'the answer stopped in the middle, nothing came within 0.1 s',
    );
  });

  test('a body that drips for ever is given up after the total', async () => {
    let dripping: ServerResponse | undefined;
    const { url } = await serve((_, response) => {
      dripping = response;
    });
    const drip = () => dripping?.write(' ');
    await expect(inTime({ idle: 100, request: 300 }, url, drip)).rejects.toThrow(
      'no complete answer within 0.3 s',
    );
  });

  test('the budget of a chart is five times the time of a request', async () => {
    const { url, seen } = await serve(answer(503, '', { 'retry-after': '6' }));
    const started = performance.now();
    const deadline = new Deadline(limitsOf(1000), new AbortController().signal);
    await expect(passUntil(testClient().request(get(url, 1000, deadline)), 10)).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
      message: expect.stringContaining('the time for all requests is up') as unknown,
      hint: 'give it more time with --timeout',
    });
    expect(performance.now() - started).toBe(5000);
    expect(seen.length).toBe(1);
  });

  test.each(['before the request', 'during the request'])('an interruption %s ends it', async (when) => {
    const user = new AbortController();
    const { url } = await serve(() => {
      user.abort();
    });
    if (when === 'before the request') user.abort();
    const deadline = testDeadline({}, user.signal);
    await expect(testClient().request(get(url, 1000, deadline))).rejects.toThrow('interrupted');
  });
});

describe('trying again', () => {
  test.each([408, 429, 500, 502, 503, 504])('%i, then 200: the second answer counts', async (status) => {
    const { url, seen } = await serve(answer(status), answer(200, 'good'));
    expect(text((await testClient().request(get(url))).body)).toBe('good');
    expect(seen.length).toBe(2);
  });

  test.each([400, 401, 404, 409, 413, 422, 501])('%i is an answer: it is not asked again', async (status) => {
    const { url, seen } = await serve(answer(status), answer(200));
    expect((await testClient().request(get(url))).status).toBe(status);
    expect(seen.length).toBe(1);
  });

  test('after four times the last answer counts, whatever it is', async () => {
    const { url, seen } = await serve(answer(500, 'still broken'));
    const { status, body } = await testClient().request(get(url));
    expect([status, text(body)]).toEqual([500, 'still broken']);
    expect(seen.length).toBe(4);
  });

  test('a POST is sent again with its body', async () => {
    const { url, seen } = await serve(answer(503), answer(201));
    expect((await testClient().request(post(url))).status).toBe(201);
    expect(seen.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
  });

  test('a connection that breaks before the answer is tried again', async () => {
    const { url, seen } = await serve(({ socket }) => socket.destroy(), answer(200, 'good'));
    expect(text((await testClient().request(get(url))).body)).toBe('good');
    expect(seen.length).toBe(2);
  });

  test.each([
    ['shorter than announced', { 'content-length': '100' }],
    ['without its last chunk', { 'transfer-encoding': 'chunked' }],
  ])('a body %s is no answer, and is tried again', async (_, headers) => {
    const broken: RequestListener = (_request, response) => {
      response.writeHead(200, headers).write('{"a":');
      setTimeout(() => response.destroy(), 20);
    };
    const { url, seen } = await serve(broken);
    await expect(testClient().request(get(url))).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
      message: `no usable answer from ${url}/: the connection broke (tried 4 times)`,
    });
    expect(seen.length).toBe(4);
  });

  test('Retry-After is waited for', async () => {
    holdTime();
    const started = performance.now();
    let waited = 0;
    const { url, seen } = await serve(answer(429, '', { 'retry-after': '1' }), (_, response) => {
      waited = performance.now() - started;
      response.end();
    });
    expect((await passUntil(testClient().request(get(url)), 10)).status).toBe(200);
    expect(waited).toBeGreaterThanOrEqual(1000);
    expect(seen.length).toBe(2);
  });

  test('a server that wants more than ten seconds is not asked again', async () => {
    const { url, seen } = await serve(answer(429, '', { 'retry-after': '11' }), answer(200));
    expect((await testClient().request(get(url))).status).toBe(429);
    expect(seen.length).toBe(1);
  });
});

describe('redirects', () => {
  test('of a GET within the origin are followed', async () => {
    const { url, seen } = await serve(
      answer(308, '', { location: '/b' }),
      answer(302, '', { location: 'c?d=1' }),
      answer(200, 'here'),
    );
    const { body, url: from } = await testClient().request(get(`${url}/a`));
    expect([text(body), from.href]).toEqual(['here', `${url}/c?d=1`]);
    expect(seen.map((request) => request.url)).toEqual(['/a', '/b', '/c?d=1']);
  });

  test('to another origin are refused, and nothing is sent there', async () => {
    const other = await serve(answer(200));
    const { url } = await serve(answer(302, '', { location: `${other.url}/api?token=secret` }));
    await expect(testClient().request(get(url))).rejects.toMatchObject({
      code: 'LOG_ANSWER',
      message: `expected ${url}/ to answer, found a redirect of GET to ${other.url}/api`,
      hint: 'if that is the server, give its address instead',
    });
    expect(other.seen).toEqual([]);
  });

  test('of a POST are refused even within the origin', async () => {
    const { url, seen } = await serve(answer(307, '', { location: '/b' }), answer(200));
    await expect(testClient().request(post(url))).rejects.toMatchObject({ code: 'LOG_ANSWER' });
    expect(seen.length).toBe(1);
  });

  test('without an end are given up', async () => {
    const { url, seen } = await serve(answer(302, '', { location: '/again' }));
    await expect(testClient().request(get(url))).rejects.toThrow(`${url}/ redirects more than 5 times`);
    expect(seen.length).toBe(6);
  });

  test('to nowhere are answers like any other', async () => {
    const { url } = await serve(answer(302));
    expect((await testClient().request(get(url))).status).toBe(302);
  });
});
