import type { RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Authorities } from '../../src/http/authorities.ts';
import { onlyThese } from '../../src/http/authorities.ts';
import { download, type DownloadRequest, type Sink } from '../../src/http/download.ts';
import type { HttpOptions } from '../../src/http/request.ts';
import { holdTime, passUntil } from '../support/held-time.ts';
import { answer, listen, serve, unusedPort } from '../support/loopback.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { testClient, testDeadline } from './client.ts';

/** A sink in memory: each opening begins again, and what is open is counted. */
class Memory {
  pieces: string[] = [];
  opened = 0;
  closed = 0;

  readonly open = (): Promise<Sink> => {
    this.opened++;
    this.pieces = [];
    return Promise.resolve({
      write: (piece) => {
        this.pieces.push(Buffer.from(piece).toString());
        return Promise.resolve();
      },
      close: () => {
        this.closed++;
        return Promise.resolve();
      },
    });
  };

  get text(): string {
    return this.pieces.join('');
  }
}

const to = (url: string, request: Partial<DownloadRequest> = {}): DownloadRequest => ({
  url: new URL(url),
  maxBytes: 1000,
  deadline: testDeadline(),
  followsAnywhere: true,
  ...request,
});

const run = (memory: Memory, request: DownloadRequest, options: Partial<HttpOptions> = {}) =>
  download(testClient(options), request, memory.open);

describe('a download', () => {
  test('of status 200 goes to the sink, which is closed', async () => {
    const { url } = await serve(answer(200, 'a chart'));
    const memory = new Memory();
    const { status, size, url: from, words } = await run(memory, to(`${url}/x.tgz?a=1`));
    expect({ status, size, from: from.href, words: words.length, text: memory.text }).toEqual({
      status: 200,
      size: 7,
      from: `${url}/x.tgz?a=1`,
      words: 0,
      text: 'a chart',
    });
    expect([memory.opened, memory.closed]).toEqual([1, 1]);
  });

  test.each([204, 206, 401, 403, 404, 410])(
    'of status %i opens and writes nothing, and gives the status and the words of the server',
    async (status) => {
      const { url } = await serve(answer(status, status === 204 ? '' : 'not for you'));
      const memory = new Memory();
      const found = await run(memory, to(url));
      expect([found.status, found.size, memory.opened]).toEqual([status, 0, 0]);
      expect(Buffer.from(found.words).toString()).toBe(status === 204 ? '' : 'not for you');
    },
  );

  test('keeps only the beginning of the words of the server', async () => {
    const { url } = await serve(answer(404, 'x'.repeat(100_000)));
    expect((await run(new Memory(), to(url, { maxBytes: 200_000 }))).words.length).toBe(16 << 10);
  });

  test('of exactly the most bytes is taken, one byte more is not, and nothing says that it was', async () => {
    const { url } = await serve(answer(200, 'x'.repeat(1000)));
    expect((await run(new Memory(), to(url))).size).toBe(1000);
    const memory = new Memory();
    await expect(run(memory, to(url, { maxBytes: 999 }))).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: `no usable answer from ${url}/: the answer is longer than 999 bytes`,
    });
    expect([memory.opened, memory.closed]).toEqual([1, 1]);
  });

  test('that has no end is cut off at the most bytes', async () => {
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
    await expect(run(new Memory(), to(url, { maxBytes: 1 << 20 }))).rejects.toThrow('longer than 1048576');
    await expect.poll(() => closed).toBe(true);
    expect(seen.length).toBe(1);
  });

  test('that is compressed without being asked is refused, and not a byte of it is written', async () => {
    const { url } = await serve(answer(200, gzipSync('x'), { 'content-encoding': 'gzip' }));
    const memory = new Memory();
    await expect(run(memory, to(url))).rejects.toThrow('compressed, which was not asked for');
    expect(memory.text).toBe('');
  });

  test('an error of the sink is no failure of the server, and is not tried again', async () => {
    const { url, seen } = await serve(answer(200, 'a chart'));
    let closed = 0;
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const sink: Sink = {
      write: () => Promise.reject(full),
      close: () => {
        closed++;
        return Promise.resolve();
      },
    };
    const failing = download(testClient(), to(url), () => Promise.resolve(sink));
    await expect(failing).rejects.toBe(full);
    await expect(download(testClient(), to(url), () => Promise.reject(full))).rejects.toBe(full);
    expect([closed, seen.length]).toEqual([1, 2]);
  });
});

describe('a try that breaks off', () => {
  const broken: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half of ');
    setTimeout(() => response.destroy(), 20);
  };

  test('starts again from the first byte: nothing of it is left', async () => {
    const { url } = await serve(broken, answer(200, 'a whole chart'));
    const memory = new Memory();
    expect((await run(memory, to(url))).size).toBe(13);
    expect([memory.text, memory.opened, memory.closed]).toEqual(['a whole chart', 2, 2]);
  });

  test('four times is no download', async () => {
    const { url, seen } = await serve(broken);
    const memory = new Memory();
    await expect(run(memory, to(url))).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: `no usable answer from ${url}/: the connection broke (tried 4 times)`,
    });
    expect([seen.length, memory.opened, memory.closed]).toEqual([4, 4, 4]);
  });

  test('and a status that may be another one a moment later are tried again', async () => {
    const { url } = await serve(answer(503, 'later'), answer(200, 'now'));
    const memory = new Memory();
    await run(memory, to(url));
    expect(memory.text).toBe('now');
  });

  test('a server that is not there is UNCHECKED, and never a word about a log', async () => {
    const port = await unusedPort();
    await expect(run(new Memory(), to(`http://127.0.0.1:${port}/x`))).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: `no usable answer from http://127.0.0.1:${port}/x: connection refused (tried 4 times)`,
    });
  });
});

describe('time', () => {
  beforeEach(holdTime);
  let dripping: ServerResponse | undefined;
  const drip: RequestListener = (_, response) => {
    dripping = response;
  };
  const drop = () => dripping?.write('x');

  test('a body may take longer than a request, as long as pieces of it come', async () => {
    const { url } = await serve(drip);
    const memory = new Memory();
    const started = performance.now();
    const ended = run(memory, to(url, { deadline: testDeadline({ idle: 250, request: 100 }) }));
    const { size } = await passUntil(ended, 10, () => {
      if (memory.text.length < 30) drop();
      else dripping?.end();
    });
    expect(size).toBeGreaterThanOrEqual(30);
    expect(performance.now() - started).toBeGreaterThan(100);
  });

  test('a body that never ends is given up when the time for all requests is up', async () => {
    const { url } = await serve(drip);
    const memory = new Memory();
    await expect(
      passUntil(run(memory, to(url, { deadline: testDeadline({ idle: 100, all: 300 }) })), 10, drop),
    ).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: `no usable answer from ${url}/: the time for all requests is up`,
    });
    expect([memory.opened, memory.closed]).toEqual([1, 1]);
  });

  test('a body that stops in the middle is given up after the idle time', async () => {
    const { url } = await serve((_, response) => void response.write('half'));
    const stopped = run(new Memory(), to(url, { deadline: testDeadline({ idle: 100 }) }));
    await expect(passUntil(stopped, 10)).rejects.toThrow('the answer stopped in the middle');
  });

  test('a head that does not come is given up after the time of a request', async () => {
    const { url } = await serve(() => undefined);
    const silent = run(new Memory(), to(url, { deadline: testDeadline({ request: 100 }) }));
    await expect(passUntil(silent, 10)).rejects.toThrow('no complete answer within 0.1 s');
  });

  test('an interruption in the middle ends it, and the sink is closed', async () => {
    const user = new AbortController();
    const { url } = await serve(drip);
    const memory = new Memory();
    const running = run(memory, to(url, { deadline: testDeadline({}, user.signal) }));
    const interrupting = passUntil(running, 10, () => {
      drop();
      if (memory.text.length > 0) user.abort();
    });
    await expect(interrupting).rejects.toThrow('interrupted');
    expect([memory.opened, memory.closed]).toEqual([1, 1]);
  });
});

describe('redirects', () => {
  const secret = { authorization: 'Basic c2VjcmV0', accept: 'application/octet-stream', 'x-token': 'secret' };

  test('within the origin take all headers along', async () => {
    const { url, seen } = await serve(answer(307, '', { location: '/b' }), answer(200, 'here'));
    await run(new Memory(), to(`${url}/a`, { headers: secret }));
    expect(seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/a', secret.authorization],
      ['/b', secret.authorization],
    ]);
  });

  test.each([301, 302, 303, 307, 308])(
    'by %i to another origin leave all headers but accept behind',
    async (status) => {
      const other = await serve(answer(200, 'here'));
      const { url } = await serve(answer(status, '', { location: `${other.url}/b?signed=1` }));
      const memory = new Memory();
      const { url: from } = await run(memory, to(url, { headers: secret }));
      expect([memory.text, from.href]).toEqual(['here', `${other.url}/b?signed=1`]);
      expect(other.seen[0]?.headers).toMatchObject({ accept: secret.accept });
      expect(JSON.stringify(other.seen)).not.toMatch(/c2VjcmV0|x-token/);
    },
  );

  test('another port of the same host is another origin', async () => {
    const other = await serve(answer(200, 'here'));
    const { url } = await serve(answer(302, '', { location: other.url }));
    await run(new Memory(), to(url, { headers: secret }));
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
  });

  test('back from another origin bring no credentials with them', async () => {
    let home = '';
    const other = await serve((_, response) => {
      response.writeHead(302, { location: `${home}/chosen-by-other` }).end();
    });
    const { url, seen } = await serve(
      answer(302, '', { location: other.url }),
      answer(200, 'something else'),
    );
    home = url;
    await run(new Memory(), to(url, { headers: secret }));
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([secret.authorization, undefined]);
  });

  test('to a server that wants credentials give its answer, and none are sent', async () => {
    const other = await serve(answer(401, '', { 'www-authenticate': 'Basic realm="trap"' }));
    const { url, seen } = await serve(answer(302, '', { location: `${other.url}/trap` }));
    const found = await run(new Memory(), to(url, { headers: secret }));
    expect([found.status, found.url.href]).toEqual([401, `${other.url}/trap`]);
    expect([seen.length, other.seen.length]).toEqual([1, 1]);
    expect(JSON.stringify(other.seen)).not.toContain('c2VjcmV0');
  });

  test.each([
    ['with credentials in it', 'http://user:pw@127.0.0.1:1/', 'it has credentials'],
    ['to a scheme that is not HTTP', 'file:///etc/passwd', 'it is neither https nor http'],
    ['to plain http elsewhere', 'http://192.0.2.1/x', 'plain http is for this machine alone'],
  ])('%s are refused', async (_, location, why) => {
    const { url } = await serve(answer(302, '', { location }));
    const running = run(new Memory(), to(url, { headers: secret }));
    await expect(running).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining(why) as unknown,
    });
    await expect(running).rejects.not.toThrow(/pw|passwd/);
  });

  test('from https to http are refused, also to this machine, and nothing is sent there', async () => {
    const other = await serve(answer(200, 'here'));
    const identity = selfSignedCertificate();
    const port = await listen(createServer(identity, answer(302, '', { location: `${other.url}/b` })));
    await expect(
      run(new Memory(), to(`https://127.0.0.1:${port}/`, { plainHttp: true }), {
        authorities: onlyThese(identity.cert),
      }),
    ).rejects.toThrow('it leads from https to http');
    expect(other.seen).toEqual([]);
  });

  test('ten are followed, eleven are not', async () => {
    const to10 = Array.from({ length: 10 }, (_, i) => answer(302, '', { location: `/${i}` }));
    const ten = await serve(...to10, answer(200, 'here'));
    expect((await run(new Memory(), to(ten.url))).status).toBe(200);
    const eleven = await serve(answer(302, '', { location: '/again' }));
    await expect(run(new Memory(), to(eleven.url))).rejects.toMatchObject({
      code: 'UNCHECKED',
      message: `${eleven.url}/ redirects more than 10 times`,
    });
    expect(eleven.seen.length).toBe(11);
  });

  test('leave the origin only where that is wanted', async () => {
    const other = await serve(answer(200));
    const { url } = await serve(answer(302, '', { location: other.url }));
    await expect(run(new Memory(), to(url, { followsAnywhere: false }))).rejects.toThrow(
      'it leads to another server',
    );
    expect(other.seen).toEqual([]);
  });
});

describe('the certificate of the client', () => {
  const server = selfSignedCertificate();
  const client = selfSignedCertificate();
  const shown: [string, boolean][] = [];
  const mutual = async (name: string, listener: RequestListener) =>
    await listen(
      createServer({ ...server, requestCert: true, rejectUnauthorized: false }, (request, response) => {
        const socket: unknown = request.socket;
        shown.push([name, socket instanceof TLSSocket && 'raw' in socket.getPeerCertificate()]);
        listener(request, response);
      }),
    );
  const authorities: Authorities = {
    load: () => Promise.resolve({ ca: [server.cert], cert: client.cert, key: client.key }),
    whenUntrusted: () => '',
  };

  test('is shown to the origin that it is for, and to no other', async () => {
    shown.length = 0;
    const other = await mutual('other', answer(200, 'here'));
    const home = await mutual('home', answer(302, '', { location: `https://127.0.0.1:${other}/` }));
    const memory = new Memory();
    await run(memory, to(`https://127.0.0.1:${home}/`, { authorities }), {
      authorities: onlyThese(server.cert),
    });
    expect(memory.text).toBe('here');
    expect(shown).toEqual([
      ['home', true],
      ['other', false],
    ]);
  });
});
