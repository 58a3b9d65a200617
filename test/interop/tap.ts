import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { ask, type RawAnswer } from '../support/ask.ts';

/** A request and its answer, as they passed. */
interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly answer: RawAnswer;
}

/** Something before a server that passes everything on, and remembers it. */
export interface Tap {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

/** Starts one, on loopback. */
export async function tap(target: string): Promise<Tap> {
  const exchanges: Exchange[] = [];
  const server = createServer((incoming, response) => {
    void (async () => {
      const { method = 'GET', url: path = '/' } = incoming;
      const body = (await buffer(incoming)).toString();
      const type = incoming.headers['content-type'];
      const headers = { accept: incoming.headers.accept ?? '', ...(type && { 'content-type': type }) };
      const answer = await ask(target + path, { method, headers, ...(body && { body }) });
      exchanges.push({ method, path, answer });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
