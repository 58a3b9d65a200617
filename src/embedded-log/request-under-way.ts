import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnsweredRequest } from './answered-request.ts';
import { routeOf } from './api.ts';

/** A request that is answered now. */
export class RequestUnderWay {
  /** The length of the answer's body. */
  bytes = 0;
  readonly #began = performance.now();
  /** What is asked for; a request may name it as a whole URL, with credentials (RFC 9112 3.2). Undefined: nobody can read it. */
  readonly target: URL | undefined;
  readonly #remote: string;

  constructor(private readonly request: IncomingMessage) {
    // When the connection is gone, nobody knows it any more.
    this.#remote = request.socket.remoteAddress ?? '';
    const { url = '/' } = request;
    this.target = URL.canParse(url, BASE) ? new URL(url, BASE) : undefined;
  }

  /** What became of it. */
  answeredBy(response: ServerResponse): AnsweredRequest {
    const { method = 'GET' } = this.request;
    const path = this.target?.pathname ?? '(unreadable)';
    return {
      remote: this.#remote,
      method,
      path,
      route: routeOf(path),
      status: response.headersSent ? response.statusCode : 499,
      bytes: method === 'HEAD' ? 0 : this.bytes,
      milliseconds: performance.now() - this.#began,
    };
  }
}

const BASE = 'http://log';
