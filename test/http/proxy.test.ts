import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { onlyThese } from '../../src/http/authorities.ts';
import { proxyFor } from '../../src/http/proxy-choice.ts';
import { answer, listen, serve } from '../support/loopback.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { get, testClient, testDeadline } from './client.ts';

const choose = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.address;

describe('which proxy', () => {
  const proxies = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'http://plain:2' };

  test('the scheme decides which variable counts', () => {
    expect(choose('https://rekor.example', proxies)).toBe('http://secure:1/');
    expect(choose('http://rekor.example', proxies)).toBe('http://plain:2/');
    expect(choose('https://rekor.example', {})).toBeUndefined();
  });

  test('variables may be in lower case, and empty ones are unset', () => {
    expect(choose('https://rekor.example', { https_proxy: 'http://lower:3' })).toBe('http://lower:3/');
    expect(choose('https://rekor.example', { HTTPS_PROXY: '', https_proxy: 'http://lower:3' })).toBe(
      'http://lower:3/',
    );
    expect(choose('https://rekor.example', { HTTPS_PROXY: ' ' })).toBeUndefined();
    expect(choose('https://rekor.example', { ...proxies, no_proxy: '*' })).toBeUndefined();
    expect(choose('https://rekor.example', { ...proxies, NO_PROXY: 'other', no_proxy: '*' })).toBe(
      'http://secure:1/',
    );
  });

  test('a proxy without a scheme is an http one', () => {
    expect(choose('https://rekor.example', { HTTPS_PROXY: 'proxy:3128' })).toBe('http://proxy:3128/');
  });

  test.each([
    'http://localhost:3000',
    'http://a.localhost',
    'http://127.0.0.1',
    'http://127.9.9.9',
    'http://[::1]:1',
  ])('%s is this machine and never asked through a proxy', (url) => {
    expect(choose(url, proxies)).toBeUndefined();
  });

  test.each([
    ['*', true],
    ['rekor.example', true],
    ['example', true],
    ['REKOR.EXAMPLE', true],
    ['.example', true],
    ['*.example', true],
    ['.rekor.example', false],
    ['ekor.example', false],
    ['other.example, rekor.example', true],
    ['other.example rekor.example', true],
    ['rekor.example:443', true],
    ['rekor.example:8443', false],
    ['', false],
    [',', false],
    ['10.0.0.0/8', false],
  ])('NO_PROXY %j exempts https://rekor.example: %s', (exceptions, exempt) => {
    expect(choose('https://rekor.example', { ...proxies, NO_PROXY: exceptions }) === undefined).toBe(exempt);
  });

  test.each([
    ['10.0.0.0/8', 'http://10.1.2.3', true],
    ['10.0.0.0/8', 'http://11.1.2.3', false],
    ['10.1.2.3', 'http://10.1.2.3:99', true],
    ['10.1.2.3:99', 'http://10.1.2.3:98', false],
    ['fd00::/8', 'http://[fd12::1]', true],
    ['fd12::1', 'http://[fd12::1]', true],
    ['[fd12::1]:80', 'http://[fd12::1]', true],
    ['fd00::/8', 'http://10.1.2.3', false],
    ['10.0.0.0/99', 'http://10.1.2.3', false],
    ['nonsense/8', 'http://10.1.2.3', false],
    ['10.0.0.0/', 'http://10.1.2.3', false],
    ['FD12:0:0::1', 'http://[fd12::1]', true],
    ['[fd12::1]', 'http://[fd12::1]', true],
    ['10.1.2.3', 'http://a.10.1.2.3.example', false],
    ['rekor.example', 'http://rekor.example.', true],
  ])('NO_PROXY %j exempts %s: %s', (exceptions, url, exempt) => {
    expect(choose(url, { ...proxies, NO_PROXY: exceptions }) === undefined).toBe(exempt);
  });
});

describe('through a proxy', () => {
  test('an http URL is asked for as a whole', async () => {
    const proxy = await serve(answer(200, 'from the proxy'));
    const client = testClient({ env: { HTTP_PROXY: proxy.url.replace('//', '//user:secret@') } });
    const { body } = await client.request(get('http://rekor.test/api?a=1'));
    client.close();
    expect(Buffer.from(body).toString()).toBe('from the proxy');
    expect(proxy.seen).toMatchObject([
      {
        url: 'http://rekor.test/api?a=1',
        headers: { host: 'rekor.test', 'proxy-authorization': `Basic ${btoa('user:secret')}` },
      },
    ]);
  });

  test('an https URL is asked for in a tunnel, in which the server shows its certificate', async () => {
    const identity = selfSignedCertificate('rekor.test');
    const port = await listen(createTlsServer(identity, (_, response) => response.end('in the tunnel')));
    const tunnels: string[] = [];
    const proxy = createServer().on('connect', (request, client: Socket) => {
      tunnels.push(request.url ?? '');
      const server = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(server).pipe(client);
      });
      server.on('error', () => client.destroy());
    });
    const env = { HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}` };

    const trusting = testClient({ env, authorities: onlyThese(identity.cert) });
    const { body } = await trusting.request(get('https://rekor.test/'));
    expect(Buffer.from(body).toString()).toBe('in the tunnel');
    await expect(testClient({ env }).request(get('https://rekor.test/'))).rejects.toThrow(
      'its certificate is not trusted',
    );
    expect(tunnels).toEqual(['rekor.test:443', 'rekor.test:443']);
    trusting.close();
  });

  test('that says nothing, the time to answer is limited all the same', async () => {
    const proxy = await serve(() => undefined);
    const client = testClient({ env: { HTTP_PROXY: proxy.url } });
    const deadline = testDeadline({ request: 100 });
    await expect(client.request(get('http://rekor.test/', 1000, deadline))).rejects.toThrow(
      'no complete answer within 0.1 s',
    );
  });
});
