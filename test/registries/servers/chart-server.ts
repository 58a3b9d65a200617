import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsIdentity } from '../../support/tls-certificate.ts';
import { basicAuthorization, type Credentials } from './registry-server.ts';

/** A request as a chart server saw it. */
export interface ChartRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
}

export interface ChartServerOptions {
  readonly tls?: TlsIdentity;
  /** Without them, every request is answered. */
  readonly credentials?: Credentials;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of charts on loopback: what it has is put there by the test, and what it was asked can be looked at. */
export class ChartServer {
  /** In order; those that it refused as well. */
  readonly requests: ChartRequest[] = [];
  readonly #answers = new Map<string, Answer>();

  private constructor(
    private readonly server: Server,
    private readonly options: ChartServerOptions,
  ) {}

  static async start(options: ChartServerOptions = {}): Promise<ChartServer> {
    const server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
    const charts = new ChartServer(server, options);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      charts.answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return charts;
  }

  /** Its base, without a slash at the end. */
  get url(): string {
    return `${this.options.tls === undefined ? 'http' : 'https'}://${this.host}`;
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Serves bytes under a path; one with a query is for exactly that query, one without for any. */
  put(path: string, body: string | Uint8Array): void {
    this.#answers.set(path, (_, response) => {
      const type = path.includes('.tgz') ? 'application/gzip' : 'application/octet-stream';
      const length = Buffer.byteLength(body);
      response.writeHead(200, { 'content-type': type, 'content-length': length }).end(body);
    });
  }

  /** Sends clients elsewhere. */
  redirect(path: string, location: string, status = 302): void {
    this.#answers.set(path, (_, response) => {
      response.writeHead(status, { location }).end();
    });
  }

  /** The paths that were asked for since this was called last, in order. */
  takeRequests(): ChartRequest[] {
    return this.requests.splice(0);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url: path = '/', headers } = request;
    const { authorization } = headers;
    this.requests.push({ method, path, authorization });
    const { credentials } = this.options;
    if (credentials !== undefined && authorization !== basicAuthorization(credentials)) {
      response
        .writeHead(401, { 'www-authenticate': 'Basic realm="charts"' })
        .end('not without credentials\n');
      return;
    }
    const answer = this.#answers.get(path) ?? this.#answers.get(path.split('?', 1)[0] ?? '');
    if (answer === undefined) response.writeHead(404).end('nothing here\n');
    else answer(request, response);
  }
}
