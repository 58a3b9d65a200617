import { createServer } from 'node:https';
import { describe, expect, test } from 'vitest';
import { onlyThese } from '../../src/http/authorities.ts';
import { listen, serve } from '../support/loopback.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { get, testClient } from './client.ts';

const identity = selfSignedCertificate();

async function serveTls(as = identity): Promise<number> {
  return await listen(createServer(as, (_, response) => response.end('secret')));
}

describe('https', () => {
  test('a server whose certificate nobody vouches for is not asked, and the hint says how to', async () => {
    const port = await serveTls();
    await expect(testClient().request(get(`https://127.0.0.1:${port}/`))).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
      message: `no usable answer from https://127.0.0.1:${port}/: its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)`,
      hint: 'if a private authority vouches for the server, name the file of its certificate in SSL_CERT_FILE or NODE_EXTRA_CA_CERTS, or give it with --ca-file, which replaces all others',
    });
  });

  test('a server with a certificate of the given authority is asked', async () => {
    const port = await serveTls();
    const { body } = await testClient({ authorities: onlyThese(identity.cert) }).request(
      get(`https://127.0.0.1:${port}/`),
    );
    expect(Buffer.from(body).toString()).toBe('secret');
  });

  test('a certificate for another host is refused', async () => {
    const other = selfSignedCertificate('rekor.test');
    const port = await serveTls(other);
    const request = testClient({ authorities: onlyThese(other.cert) }).request(
      get(`https://127.0.0.1:${port}/`),
    );
    await expect(request).rejects.toThrow('its certificate is for another host');
  });

  test('a server that speaks plain HTTP is told from one that is not there', async () => {
    const { url } = await serve();
    await expect(testClient().request(get(url.replace('http:', 'https:')))).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
      message: expect.stringContaining('the TLS handshake failed') as unknown,
      hint: 'check whether the server speaks http:// or https://',
    });
  });
});
