import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError, messageOf } from '../errors.ts';
import { answer, isRead, type ApiRequest } from './api.ts';
import { Log } from './log.ts';
import { Refusal } from './refusal.ts';

export interface EmbeddedLogOptions {
  /** Where the log keeps everything; made when it is not there. */
  readonly directory: string;
  /** The address to listen at. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The time in seconds since 1970. */
  readonly now: () => number;
  /** Is told of what went wrong in the log itself; whoever asked gets status 500. */
  readonly onFailure: (error: unknown) => void;
}

/** A log that answers. */
export interface EmbeddedLog {
  /** `http://HOST:PORT`. */
  readonly url: string;
  /** Decimal. */
  readonly treeId: string;
  readonly publicKeyPem: string;
  /** The file with the public key. */
  readonly publicKeyPath: string;
  /** Answers what was asked already, and gives the directory back. */
  close(): Promise<void>;
}

/** A provenance of 4 MiB in base64, with a large key. */
const BODY_LIMIT = 16 * 1024 * 1024;
const REQUEST_TIMEOUT = 30_000;
const CLOSE_TIMEOUT = 10_000;

/**
 * Serves the log in a directory over HTTP, with the Rekor v1 API.
 * @throws InputError when the directory is in use or damaged, or the address cannot be listened at
 */
export async function startEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { directory, host, port, now } = options;
  const log = await Log.open(directory, now);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
    void respond(log, request, response, options);
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    await log.close();
    throw new InputError(`cannot listen at ${host}:${port}: ${messageOf(error)}`, undefined, {
      cause: error,
    });
  }
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    treeId: log.treeId,
    publicKeyPem: log.publicKeyPem,
    publicKeyPath: log.publicKeyPath,
    close: async () => {
      await closeServer(server);
      await log.close();
    },
  };
}

async function respond(
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
  { onFailure }: EmbeddedLogOptions,
): Promise<void> {
  try {
    const { status, headers, body } = await answer(log, await readRequest(request));
    response.writeHead(status, { ...commonHeaders(request, body), ...headers }).end(body);
  } catch (error) {
    // Who asked went away before the request was whole: nothing failed here, and nobody listens.
    if (request.destroyed && !request.complete) return;
    if (!(error instanceof Refusal)) onFailure(error);
    const refusal =
      error instanceof Refusal ? error : new Refusal(500, 'unexpected result from transparency log');
    const { status, code, message, headers } = refusal;
    const type = { 'content-type': 'application/json' };
    const body = JSON.stringify({ code, message });
    response.writeHead(status, { ...commonHeaders(request, body), ...type, ...headers }).end(body);
  }
}

/** Rekor's headers on what a proxy might keep. */
const NOT_TO_BE_KEPT = {
  'cache-control': 'no-cache, no-store, no-transform, must-revalidate, private, max-age=0',
  expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
  pragma: 'no-cache',
  'x-accel-expires': '0',
};

function commonHeaders(request: IncomingMessage, body: string): Record<string, string | number> {
  const { method = '', url = '', complete } = request;
  return {
    vary: 'Origin',
    'content-length': Buffer.byteLength(body),
    ...(isRead(method, url.replace(/\?.*/, '')) && NOT_TO_BE_KEPT),
    // The rest of a body that was not read must not be taken for the next request.
    ...(!complete && { connection: 'close' }),
  };
}

/** The whole request. @throws Refusal when it is too long, or its path cannot be read */
async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const { method = 'GET', url = '/', headers } = request;
  const target = URL.canParse(url, 'http://log') ? new URL(url, 'http://log') : undefined;
  if (target === undefined) throw new Refusal(404, `path ${url} was not found`);
  const chunks: Buffer[] = [];
  let length = Number(headers['content-length'] ?? 0);
  if (length <= BODY_LIMIT) {
    length = 0;
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > BODY_LIMIT) break;
    }
  }
  // Rekor up to 1.5.4 says 500 to an upload that is too long; later ones say this.
  if (length > BODY_LIMIT) throw new Refusal(413, 'Request Entity Too Large');
  return {
    method,
    path: target.pathname,
    query: target.searchParams,
    accept: headers.accept ?? '',
    contentType: headers['content-type'],
    body: Buffer.concat(chunks),
  };
}

/** Lets those finish who have asked, but not for ever. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, CLOSE_TIMEOUT);
  await closed;
  clearTimeout(timer);
}
