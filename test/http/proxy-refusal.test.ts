import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { onlyThese } from '../../src/http/authorities.ts';
import type { HttpOptions } from '../../src/http/request.ts';
import { answer, listen, serve, serveTcp, unusedPort } from '../support/loopback.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { get, testClient } from './client.ts';

const SECRET = 'user:secret@';

/** What becomes of a request for https://rekor.test through a proxy at this place. */
async function failureThrough(proxy: string, options: Partial<HttpOptions> = {}) {
  const client = testClient({ env: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, ...options });
  try {
    await client.request(get('https://rekor.test/'));
    throw new Error('there was an answer');
  } catch (error) {
    expect(error).toMatchObject({ code: 'LOG_UNREACHABLE' });
    const { message, hint = '' } = error as { message: string; hint?: string };
    expect(message + hint).not.toMatch(/secret|dXNlcjpzZWNyZXQ/);
    return { message: message.replace(/^.*?: /, ''), hint };
  } finally {
    client.close();
  }
}

/** A proxy that answers each CONNECT with these lines. */
async function proxyThatSays(...head: string[]) {
  const server = createServer().on('connect', (_, client: Socket) => {
    client.end(`HTTP/1.1 ${head.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
  });
  return `127.0.0.1:${await listen(server)}`;
}

describe('a proxy that refuses a tunnel: its status, and what to do about it', () => {
  test.each([
    ['403 Forbidden', '403 (Forbidden): it does not let you to this server', 'to allow rekor.test'],
    ['451 No', '451 (Unavailable For Legal Reasons): it does not let you', 'to allow rekor.test'],
    ['502 Bad Gateway', '502 (Bad Gateway): it does not get through to the server', 'NO_PROXY'],
    ['504 Late', '504 (Gateway Timeout): it does not get through to the server', 'address of the server'],
    ['500 Oops', '500 (Internal Server Error): it has a fault', 'tell those who run the proxy'],
    ['302 Found', '302 (Found): it wants you to sign in to the network first', 'sign in'],
    ['511 Sign in', '511 (Network Authentication Required): it wants you to sign in', 'sign in'],
    ['405 No', '405 (Method Not Allowed): it opens no tunnel', 'HTTPS_PROXY names an HTTP proxy'],
    ['400 No', '400 (Bad Request): it opens no tunnel', 'HTTPS_PROXY names an HTTP proxy'],
    ['599 What', '599: it has a fault', 'tell those who run the proxy'],
  ])('%s', async (head, says, todo) => {
    const { message, hint } = await failureThrough(`http://${SECRET}${await proxyThatSays(head)}`);
    expect(message).toContain(`the proxy answered with status ${says}`);
    expect(hint).toContain(todo);
  });

  const wants = '407 Proxy Authentication Required';
  test.each([
    [
      wants,
      '',
      'it wants a name and a password',
      'give them in HTTPS_PROXY: http://NAME:PASSWORD@127.0.0.1:',
    ],
    [
      `${wants}\r\nProxy-Authenticate: Basic realm="corp"`,
      '',
      'it wants a name and a password',
      'give them in',
    ],
    [
      `${wants}\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm="x"`,
      '',
      'it wants a name',
      'give',
    ],
    [
      `${wants}\r\nProxy-Authenticate: Basic`,
      SECRET,
      'it does not take the name and the password in',
      'check them',
    ],
    [`${wants}\r\nProxy-Authenticate: NTLM`, SECRET, 'a proof that is not known here ("NTLM")', 'Basic'],
  ])('%j with the credentials %j', async (head, credentials, meaning, todo) => {
    const { message, hint } = await failureThrough(`http://${credentials}${await proxyThatSays(head)}`);
    expect(message).toContain('the proxy answered with status 407 (Proxy Authentication Required): ');
    expect(message).toContain(meaning);
    expect(hint).toContain(todo);
  });

  test("407 for an http URL is the proxy's, every other status may be the server's", async () => {
    const { url } = await serve(answer(407), answer(403));
    const client = testClient({ env: { HTTP_PROXY: url } });
    await expect(client.request(get('http://rekor.test/'))).rejects.toThrow(
      'the proxy answered with status 407 (Proxy Authentication Required): it wants a name and a password',
    );
    expect((await client.request(get('http://rekor.test/'))).status).toBe(403);
    client.close();
  });
});

describe('a proxy that cannot be used', () => {
  test('because nobody listens', async () => {
    const host = `127.0.0.1:${await unusedPort()}`;
    const client = testClient({ env: { HTTP_PROXY: `http://${SECRET}${host}` } });
    await expect(client.request(get('http://rekor.test/'))).rejects.toMatchObject({
      message: `no usable answer from http://rekor.test/ through the proxy ${host}: the proxy refused the connection (tried 4 times)`,
      hint: 'check the address of the proxy in HTTP_PROXY, or exempt the server with NO_PROXY',
    });
  });

  test('because there is no such host', async () => {
    const { message, hint } = await failureThrough(`http://${SECRET}proxy.invalid:1`);
    expect(message).toMatch(
      /no such host as the one of the proxy|name service does not answer for the host of/,
    );
    expect(hint).toContain('check the address of the proxy in HTTPS_PROXY');
  });

  test.each([
    ['SSH-2.0-test\r\n', 'the answer of the proxy is not HTTP'],
    ['HTTP/1.1 200 OK\r\nbroken header\r\n\r\n', 'the answer of the proxy is not HTTP'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 9\r\nbroken\r\n\r\n', 'the answer of the proxy is not HTTP'],
    ['HTTP/1.1 100 Continue\r\n\r\n', 'the proxy broke the connection'],
    ['HTTP/1.1 103 Early\r\n__proto__: a\r\n__proto__: b\r\n\r\n', 'it opens no tunnel'],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, 'the answer of the proxy is not HTTP'],
    ['', 'the proxy broke the connection'],
    ['HTTP/1.1 200 OK\r\n\r\nno TLS at all', 'the TLS handshake failed'],
    ['HTTP/1.1 200 OK\r\n\r\n', 'the connection broke'],
  ])('because it answers %j', async (said, says) => {
    const port = await serveTcp((socket) => socket.once('data', () => socket.end(said)));
    expect((await failureThrough(`http://${SECRET}127.0.0.1:${port}`)).message).toContain(says);
  });

  test('because it does not speak TLS where https:// says so', async () => {
    const { url } = await serve();
    const { message, hint } = await failureThrough(url.replace('http://', `https://${SECRET}`));
    expect(message).toContain('the TLS handshake with the proxy failed');
    expect(hint).toBe('if the proxy itself is not spoken to over TLS, write http:// in HTTPS_PROXY');
  });

  test('because nobody vouches for its certificate', async () => {
    const port = await listen(createTlsServer(selfSignedCertificate()));
    const { message, hint } = await failureThrough(`https://${SECRET}127.0.0.1:${port}`);
    expect(message).toContain("the proxy's certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)");
    expect(hint).toContain('--ca-file');
  });

  test('because its certificate is for another host', async () => {
    const other = selfSignedCertificate('proxy.test');
    const port = await listen(createTlsServer(other));
    const authorities = onlyThese(other.cert);
    const { message } = await failureThrough(`https://127.0.0.1:${port}`, { authorities });
    expect(message).toContain('the certificate of the proxy is for another host');
  });
});

test('a proxy that is spoken to over TLS opens tunnels, which are kept, and passes plain requests on', async () => {
  const [outer, inner] = [selfSignedCertificate(), selfSignedCertificate('rekor.test')];
  const port = await listen(createTlsServer(inner, (_, response) => response.end('in the tunnel')));
  const asked: (string | undefined)[] = [];
  const proxy = createTlsServer(outer, (request, response) => {
    asked.push(request.url, request.headers['proxy-authorization']);
    response.end('passed on');
  }).on('connect', (request, client: Socket) => {
    asked.push(request.url, request.headers['proxy-authorization']);
    client.write('HTTP/1.0 200 Connection established\r\n\r\n');
    const server = connect(port, '127.0.0.1');
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
    client.pipe(server).pipe(client);
  });
  const url = `https://${SECRET}127.0.0.1:${await listen(proxy)}`;
  const client = testClient({
    env: { HTTPS_PROXY: url, HTTP_PROXY: url },
    authorities: onlyThese(outer.cert + inner.cert),
  });
  for (let i = 0; i < 2; i++) {
    const { body } = await client.request(get('https://rekor.test/'));
    expect(Buffer.from(body).toString()).toBe('in the tunnel');
  }
  const { body } = await client.request(get('http://rekor.test/a?b=c'));
  client.close();
  expect(Buffer.from(body).toString()).toBe('passed on');
  const authorization = `Basic ${btoa('user:secret')}`;
  expect(asked).toEqual(['rekor.test:443', authorization, 'http://rekor.test/a?b=c', authorization]);
});
