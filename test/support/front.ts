import type { RequestListener } from 'node:http';
import { ask, type RawAnswer } from './ask.ts';
import { serve, type LoopbackServer } from './loopback.ts';

/** How a server before a log differs from it. */
export interface FrontOptions {
  /** The path below which the log is found. */
  readonly prefix?: string;
  /** Who answers in place of the log, by `METHOD /path`. */
  readonly instead?: Readonly<Record<string, RequestListener>>;
  /** What becomes of an answer of the log. */
  readonly change?: (answer: RawAnswer, path: string) => RawAnswer;
}

/** Starts a server before a log, until the test ends: it notes what it is asked and passes it on. */
export async function serveBefore(
  log: { readonly url: string },
  { prefix = '', instead = {}, change = (answer) => answer }: FrontOptions = {},
): Promise<LoopbackServer> {
  const front = await serve((request, response) => {
    const { method = '', url = '' } = request;
    if (!url.startsWith(prefix)) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>nothing here</html>');
      return;
    }
    const path = url.slice(prefix.length);
    const handler = instead[`${method} ${path}`];
    if (handler !== undefined) {
      handler(request, response);
      return;
    }
    const body = front.seen.at(-1)?.body;
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    const asked = { method, headers, ...(method === 'POST' && body !== undefined && { body }) };
    void ask(log.url + path, asked).then((answer) => {
      const { status, headers, body } = change(answer, path);
      // The rest is about the connection, which is another one here.
      const { date, location, 'content-type': type = 'application/json' } = headers;
      response.writeHead(status, {
        'content-type': type,
        ...(date && { date }),
        ...(location && { location }),
      });
      response.end(body);
    });
  });
  return { seen: front.seen, url: front.url + prefix };
}
