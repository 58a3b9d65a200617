import { setTimeout } from 'node:timers/promises';
import { LogError } from '../errors.ts';
import { DirectTransport } from './direct.ts';
import { exchange, stopped, type Incoming, type Timeouts, type Transport } from './exchange.ts';
import { ExchangeFailure } from './failure.ts';
import { proxyFor, type Environment } from './proxy-choice.ts';
import { redirectTarget } from './redirect.ts';
import { backoff, isTransientStatus, MAX_RETRY_AFTER, MAX_TRIES, retryAfter } from './retry.ts';

/** What a client of servers needs from its surroundings. */
export interface HttpOptions {
  readonly userAgent: string;
  readonly timeouts: Timeouts;
  /** A number from 0 up to but not including 1. */
  readonly random: () => number;
  /** Where the variables of proxies are: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`. */
  readonly env: Environment;
  /** The only certificate authorities to trust, in PEM; absent: those of Node. */
  readonly ca?: string;
  /** Where a connection to the server is begun already, with the authorities of Node. */
  readonly begun?: DirectTransport;
}

/** A request; the answer's body may have up to `maxBytes` bytes. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly maxBytes: number;
  /** Ends the request, whatever it is waiting for. */
  readonly signal?: AbortSignal;
}

/** A complete answer, whatever its status, and the URL that gave it. */
export interface HttpAnswer extends Incoming {
  readonly url: URL;
}

const MAX_REDIRECTS = 5;

/** The signal that ends the network work of one chart after five times the time of one request. */
export function networkBudget({ total }: Timeouts, interrupted?: AbortSignal): AbortSignal {
  const late = AbortSignal.timeout(5 * total);
  return interrupted ? AbortSignal.any([late, interrupted]) : late;
}

/** A URL as messages show it: without credentials and query. */
export function describeUrl(url: URL): string {
  return url.origin + url.pathname;
}

/** A client of HTTP servers with limits of time and size, which tries again what may work a moment later. */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #direct: DirectTransport;
  readonly #proxies = new Map<string, Promise<Transport>>();
  readonly #closed = new AbortController();

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#direct = (options.ca === undefined && options.begun) || new DirectTransport(options.ca);
  }

  /**
   * The answer to a request, after retries and (for a GET, within its origin) redirects. POST is tried again too:
   * sending an entry twice does no harm.
   * @throws LogError `LOG_UNREACHABLE` without an answer in time, `LOG_ANSWER` for one that cannot be used
   */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    let url = request.url;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const answer = await this.#persist({ ...request, url });
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

  /** Begins a connection for the next request to this server, unless a proxy is in between. */
  prepare(url: URL): void {
    if (proxyFor(url, this.#options.env) === undefined) this.#direct.prepare(url);
  }

  /** Ends the requests that are under way, and closes the connections that were kept. */
  close(): void {
    this.#closed.abort();
    this.#direct.close();
    for (const proxy of this.#proxies.values())
      void proxy.then((transport) => {
        transport.close();
      });
  }

  async #persist(request: HttpRequest): Promise<Incoming> {
    const { timeouts, userAgent, random, env } = this.#options;
    const headers = { 'user-agent': userAgent, 'accept-encoding': 'identity', ...request.headers };
    const proxy = proxyFor(request.url, env);
    const transport = proxy ? await this.#through(proxy) : this.#direct;
    const signal = request.signal
      ? AbortSignal.any([request.signal, this.#closed.signal])
      : this.#closed.signal;
    let tries = 0;
    try {
      for (;;) {
        const mayTryAgain = ++tries < MAX_TRIES;
        const answer = await exchange(transport, { ...request, headers, timeouts, signal }).catch(
          (error: unknown) => {
            if (mayTryAgain && error instanceof ExchangeFailure && error.transient) return undefined;
            throw error;
          },
        );
        const wait = (answer && retryAfter(answer)) ?? backoff(tries, random);
        const tryAgain = mayTryAgain && wait <= MAX_RETRY_AFTER;
        if (answer && !(tryAgain && isTransientStatus(answer.status))) return answer;
        await pause(wait, signal);
      }
    } catch (error) {
      throw error instanceof ExchangeFailure ? logError(error, request.url, proxy, tries) : error;
    }
  }

  #through(proxy: URL): Promise<Transport> {
    const { ca, timeouts } = this.#options;
    const known = this.#proxies.get(proxy.href);
    if (known) return known;
    const transport = import('./proxy.ts').then(
      ({ ProxyTransport }) => new ProxyTransport(proxy, timeouts, ca),
    );
    this.#proxies.set(proxy.href, transport);
    return transport;
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal });
  } catch (error) {
    throw signal.aborted ? stopped(signal) : error;
  }
}

function logError(failure: ExchangeFailure, url: URL, proxy: URL | undefined, tries: number): LogError {
  const place = describeUrl(url) + (proxy ? ` through the proxy ${proxy.host}` : '');
  const effort = tries > 1 ? ` (tried ${tries} times)` : '';
  const message = `no usable answer from ${place}: ${failure.message}${effort}`;
  return new LogError(failure.code, message, failure.hint, { cause: failure });
}
