import { createServer } from 'node:https';
import { ask } from './ask.ts';
import { listen } from './loopback.ts';
import { selfSignedCertificate } from './tls-certificate.ts';

/** A server of one test that speaks TLS before another one, and the authority that vouches for it, in PEM. */
export interface TlsFront {
  readonly url: string;
  readonly ca: string;
}

/**
 * Starts a server that passes on over HTTP what it is asked over TLS.
 * @param host the name in its certificate, in place of its address
 */
export async function serveTlsBefore(server: { readonly url: string }, host?: string): Promise<TlsFront> {
  const identity = selfSignedCertificate(host);
  const front = createServer(identity, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '' } = request;
      const headers = { accept: 'application/json', 'content-type': 'application/json' };
      const body = Buffer.concat(chunks).toString();
      const asked = { method, headers, ...(method === 'POST' && { body }) };
      void ask(server.url + url, asked).then(({ status, headers, body }) => {
        response.writeHead(status, { 'content-type': headers['content-type'] ?? '' }).end(body);
      });
    });
  });
  return { url: `https://127.0.0.1:${await listen(front)}`, ca: identity.cert };
}
