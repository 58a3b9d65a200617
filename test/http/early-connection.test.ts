import { createServer as createPlain, type Socket } from 'node:net';
import { createServer } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import tls from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { onlyThese } from '../../src/http/authorities.ts';
import type { HttpOptions } from '../../src/http/request.ts';
import { listen } from '../support/loopback.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { get, testClient } from './client.ts';

const identity = selfSignedCertificate();

/** Asks over a connection that was begun so many milliseconds before. */
async function askLater(url: string, milliseconds: number, options: Partial<HttpOptions> = {}) {
  const client = testClient(options);
  client.prepare(new URL(url));
  await setTimeout(milliseconds);
  try {
    return await client.request(get(url));
  } finally {
    client.close();
  }
}

/** A server that counts its connections. */
async function countingServer() {
  const connections: Socket[] = [];
  const server = createServer(identity, (_, response) => response.end('here'));
  server.on('connection', (socket: Socket) => connections.push(socket));
  return { url: `https://127.0.0.1:${await listen(server)}/`, connections };
}

describe.each([0, 100])('a connection begun %i ms before the request', (milliseconds) => {
  test('is the one that the request uses', async () => {
    const { url, connections } = await countingServer();
    const { body } = await askLater(url, milliseconds, { authorities: onlyThese(identity.cert) });
    expect(Buffer.from(body).toString()).toBe('here');
    expect(connections).toHaveLength(1);
  });

  test('to a server whose certificate nobody vouches for is not used', async () => {
    const { url } = await countingServer();
    await expect(askLater(url, milliseconds)).rejects.toThrow('its certificate is not trusted');
  });

  test('to a server with the certificate of another host is not used', async () => {
    const other = selfSignedCertificate('rekor.test');
    const port = await listen(createServer(other, (_, response) => response.end('here')));
    const asked = askLater(`https://127.0.0.1:${port}/`, milliseconds, {
      authorities: onlyThese(other.cert),
    });
    await expect(asked).rejects.toThrow('its certificate is for another host');
  });

  test('to a port where nobody listens fails as the request would', async () => {
    await expect(askLater('http://127.0.0.1:1/', milliseconds)).rejects.toThrow(
      'connection refused (tried 4 times)',
    );
  });

  test('that the server has ended again does no harm', async () => {
    let isFirst = true;
    const impatient = createPlain((socket) => {
      if (isFirst) socket.destroy();
      else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhere');
      isFirst = false;
    });
    const { body } = await askLater(`http://127.0.0.1:${await listen(impatient)}/`, milliseconds);
    expect(Buffer.from(body).toString()).toBe('here');
  });
});

test('a connection that nobody wants is ended', async () => {
  const { url, connections } = await countingServer();
  const client = testClient({ authorities: onlyThese(identity.cert) });
  client.prepare(new URL(url));
  while (connections.length === 0) await setTimeout(5);
  client.close();
  while (connections[0]?.destroyed === false) await setTimeout(5);
  expect(connections[0]?.destroyed).toBe(true);
});

test('a connection is not begun when the client was closed before', async () => {
  const { url, connections } = await countingServer();
  const client = testClient({ authorities: onlyThese(identity.cert) });
  client.prepare(new URL(url));
  client.close();
  await setTimeout(100);
  expect(connections).toHaveLength(0);
});

test('where TLS cannot be set up at all, it is the request that says so', async () => {
  const { url, connections } = await countingServer();
  const before = tls.DEFAULT_CIPHERS;
  onTestFinished(() => {
    tls.DEFAULT_CIPHERS = before;
  });
  tls.DEFAULT_CIPHERS = 'NONE';
  await expect(askLater(url, 0, { authorities: onlyThese(identity.cert) })).rejects.toThrow(
    'the TLS handshake failed',
  );
  expect(connections).toHaveLength(0);
});
