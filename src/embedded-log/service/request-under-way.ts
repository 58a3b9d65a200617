import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnsweredRequest } from './answered-request.ts';
import { routeOf } from './api.ts';
import { shownPath } from './request-target.ts';

/** A request that is answered now. */
export class RequestUnderWay {
  /** The length of the answer's body. */
  bytes = 0;
  readonly #began = performance.now();
  readonly #remote: string;

  constructor(private readonly request: IncomingMessage) {
    // When the connection is gone, nobody knows it any more.
    this.#remote = request.socket.remoteAddress ?? '';
  }

  /** What became of it. */
  answeredBy(response: ServerResponse): AnsweredRequest {
    const { method = 'GET', url = '/' } = this.request;
    const path = shownPath(url);
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
