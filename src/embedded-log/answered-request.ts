import type { IncomingMessage, ServerResponse } from 'node:http';
import { routeOf } from './api.ts';

/** A request, and what became of it. */
export interface AnsweredRequest {
  /** The address of the client, or of the proxy before it; empty where that is not known. */
  readonly remote: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** The pattern of the path, of which there are few. */
  readonly route: string;
  /** 499: the client went away before there was an answer. */
  readonly status: number;
  /** The length of the body. */
  readonly bytes: number;
  readonly milliseconds: number;
}

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
    const path = pathOf(url);
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

/** The path of a request target, which may be a whole URL, with credentials (RFC 9112 3.2). */
function pathOf(target: string): string {
  if (URL.canParse(target, 'http://log')) return new URL(target, 'http://log').pathname;
  return '(unreadable)';
}
