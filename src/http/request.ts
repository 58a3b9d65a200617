import { LogError } from '../errors.ts';
import type { Authorities } from './authorities.ts';
import type { Deadline } from './deadline.ts';
import type { DirectTransport } from './direct.ts';
import {
  collect,
  exchange,
  type ExchangeLimits,
  type HttpMethod,
  type Incoming,
  type Receive,
} from './exchange.ts';
import { ExchangeFailure, UntrustedCertificate } from './failure.ts';
import type { Proxy } from './proxy-address.ts';
import { proxyFor, type Environment } from './proxy-choice.ts';
import { redirectTarget } from './redirect.ts';
import { backoff, isTransientStatus, MAX_RETRY_AFTER, MAX_TRIES, retryAfter } from './retry.ts';
import type { ServerToken } from './server-token.ts';
import { Transports } from './transports.ts';

/** What a client of servers needs from its surroundings. */
export interface HttpOptions {
  readonly userAgent: string;
  /** A number from 0 up to but not including 1. */
  readonly random: () => number;
  /** Where the variables of proxies are: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`. */
  readonly env: Environment;
  readonly authorities: Authorities;
  /** Where a connection to the server is begun already. */
  readonly begun?: DirectTransport;
  /** What shows one of the servers who asks. */
  readonly token?: ServerToken | undefined;
}

/** A request; the answer's body may have up to `maxBytes` bytes. */
export interface HttpRequest {
  readonly method: HttpMethod;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly maxBytes: number;
  /** Ends the request, whatever it is waiting for. */
  readonly deadline: Deadline;
  /** What vouches for this server, and for this client there, in place of what the client of HTTP has. */
  readonly authorities?: Authorities | undefined;
  /** What has to come within the limit of one request; by default the whole answer. */
  readonly within?: ExchangeLimits['within'];
}

/** A complete answer, whatever its status, and the URL that gave it. */
export interface HttpAnswer extends Incoming {
  readonly url: URL;
}

const MAX_REDIRECTS = 5;

/** A URL as messages show it: without credentials and query. */
export function describeUrl(url: URL): string {
  return url.origin + url.pathname;
}

/** A client of HTTP servers with limits of time and size, which tries again what may work a moment later. */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #transports: Transports;
  readonly #closed = new AbortController();

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#transports = new Transports(options.authorities, options.begun);
  }

  /**
   * The answer to a request, after retries and (for a GET, within its origin) redirects. POST is tried again too:
   * sending an entry twice does no harm.
   * @throws LogError `LOG_UNREACHABLE` without an answer in time, `LOG_ANSWER` for one that cannot be used
   */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    let url = request.url;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const answer = await this.send({ ...request, url }, collect);
      const target = redirectTarget(answer, url);
      if (target === undefined) return { ...answer, url };
      if (request.method !== 'GET' || target.origin !== url.origin)
        throw new LogError(
          'LOG_ANSWER',
          `expected ${describeUrl(url)} to answer, found a redirect of ${request.method} to ${describeUrl(target)}`,
          'if that is the server, give its address instead',
        );
      url = target;
    }
    throw new LogError(
      'LOG_ANSWER',
      `${describeUrl(request.url)} redirects more than ${MAX_REDIRECTS} times`,
    );
  }

  /**
   * What `receive` makes of the answer to a request, after retries; redirects are not followed. Of each try that gets as
   * far as a head, `receive` is given the answer, unless its status is transient and another try follows.
   * @throws LogError `LOG_UNREACHABLE` without an answer in time, `LOG_ANSWER` for one that cannot be used
   * @throws whatever `receive` throws
   */
  async send<T>(request: HttpRequest, receive: Receive<T>): Promise<T> {
    const { userAgent, random, env, token } = this.#options;
    const { method, url, body, maxBytes, deadline, authorities, within = 'answer' } = request;
    const own = { 'user-agent': userAgent, 'accept-encoding': 'identity', ...token?.headersFor(url) };
    const headers = { ...own, ...request.headers };
    const outgoing = { method, url, headers, ...(body && { body }) };
    const proxy = proxyFor(url, env);
    const transport = await (proxy
      ? this.#transports.through(proxy, authorities)
      : this.#transports.direct(authorities));
    const limits = { maxBytes, deadline, closed: this.#closed.signal, within };
    let tries = 0;
    try {
      for (;;) {
        const mayTryAgain = ++tries < MAX_TRIES;
        let wait = backoff(tries, random);
        const orWait: Receive<{ readonly made: T } | undefined> = async (head, pieces) => {
          wait = retryAfter(head) ?? wait;
          if (!(mayTryAgain && wait <= MAX_RETRY_AFTER && isTransientStatus(head.status)))
            return { made: await receive(head, pieces) };
          await collect(head, pieces);
          return undefined;
        };
        const received = await exchange(transport, outgoing, limits, orWait).catch((error: unknown) => {
          if (mayTryAgain && error instanceof ExchangeFailure && error.transient) return undefined;
          throw error;
        });
        if (received) return received.made;
        await deadline.pause(wait, limits.closed);
      }
    } catch (error) {
      const isUntrusted = error instanceof UntrustedCertificate;
      const vouching = authorities ?? this.#options.authorities;
      throw logError(error, url, proxy, tries, isUntrusted ? vouching.whenUntrusted() : undefined);
    }
  }

  /** Begins a connection for the next request to this server, unless a proxy is in between. */
  prepare(url: URL): void {
    if (proxyFor(url, this.#options.env) === undefined) this.#transports.direct().prepare(url);
  }

  /** Ends the requests that are under way, and closes the connections that were kept. */
  close(): void {
    this.#closed.abort();
    this.#transports.close();
  }

  /**
   * Waits before the URL is asked once more.
   * @throws LogError `LOG_UNREACHABLE` when the deadline comes first
   */
  async pause(milliseconds: number, url: URL, deadline: Deadline): Promise<void> {
    try {
      await deadline.pause(milliseconds, this.#closed.signal);
    } catch (error) {
      throw logError(error, url);
    }
  }
}

/** The error for a failure, with the place of it; anything else as it is. */
function logError(thrown: unknown, url: URL, proxy?: Proxy, tries = 1, hint?: string): unknown {
  if (!(thrown instanceof ExchangeFailure)) return thrown;
  const place = describeUrl(url) + (proxy ? ` through the proxy ${proxy.host}` : '');
  const effort = tries > 1 ? ` (tried ${tries} times)` : '';
  return new LogError(
    thrown.code,
    `no usable answer from ${place}: ${thrown.message}${effort}`,
    hint ?? thrown.hint,
    { cause: thrown },
  );
}
