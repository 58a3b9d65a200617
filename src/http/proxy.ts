import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Authorities, TlsTrust } from './authorities.ts';
import type { OpenAnswer, Outgoing, Transport } from './exchange.ts';
import type { Proxy } from './proxy-address.ts';
import { silentHint, proxyFailureOf, proxyRefusal } from './proxy-failure.ts';
import { openTunnel, placeOf } from './tunnel.ts';

/** Requests through an HTTP proxy: in a tunnel for https, as absolute URLs for http, as Go programs do it. */
export class ProxyTransport implements Transport {
  readonly whenSilent: string;
  readonly #proxy: Proxy;
  readonly #authorities: Authorities;
  readonly #plain: HttpAgent;
  readonly #tunnels: TunnelAgent;

  constructor(proxy: Proxy, authorities: Authorities) {
    this.#proxy = proxy;
    this.#authorities = authorities;
    this.whenSilent = silentHint(proxy);
    this.#plain = new (proxy.isTls ? HttpsAgent : HttpAgent)({ keepAlive: true });
    this.#tunnels = new TunnelAgent(proxy);
  }

  async open(outgoing: Outgoing, signal: AbortSignal, onConnected: () => void): Promise<OpenAnswer> {
    const trust = await this.#authorities.load();
    signal.throwIfAborted();
    return outgoing.url.protocol === 'https:'
      ? await this.#openInTunnel(outgoing, signal, trust, onConnected)
      : await this.#openPlain(outgoing, signal, trust, onConnected);
  }

  close(): void {
    this.#plain.destroy();
    this.#tunnels.destroy();
  }

  async #openInTunnel(
    { method, url, headers, body }: Outgoing,
    signal: AbortSignal,
    trust: TlsTrust,
    onConnected: () => void,
  ): Promise<OpenAnswer> {
    const options: TunnelOptions = { method, headers, agent: this.#tunnels, signal, ending: signal, trust };
    return await answerOf(httpsRequest(url, options), body, onConnected);
  }

  async #openPlain(
    { method, url, headers, body }: Outgoing,
    signal: AbortSignal,
    trust: TlsTrust,
    onConnected: () => void,
  ): Promise<OpenAnswer> {
    const { isTls, authorization } = this.#proxy;
    const sent = (isTls ? httpsRequest : httpRequest)({
      ...placeOf(this.#proxy, trust),
      method,
      path: url.origin + url.pathname + url.search,
      headers: {
        ...headers,
        host: url.host,
        ...(authorization !== undefined && { 'proxy-authorization': authorization }),
      },
      agent: this.#plain,
      signal,
    });
    const answer = await answerOf(sent, body, onConnected).catch((error: unknown) => {
      throw proxyFailureOf(error, this.#proxy);
    });
    // Any other status may come from the server itself.
    if (answer.status === 407) throw proxyRefusal(answer.status, answer.headers, url, this.#proxy);
    return answer;
  }
}

/** What a tunnel needs from its request. Node does not pass the signal of a request to the agent. */
interface TunnelOptions extends RequestOptions {
  readonly ending: AbortSignal;
  readonly trust: TlsTrust;
}

/** Keeps tunnels for the next request to the same server. */
class TunnelAgent extends HttpsAgent {
  readonly #proxy: Proxy;

  constructor(proxy: Proxy) {
    super({ keepAlive: true });
    this.#proxy = proxy;
  }

  override createConnection(
    options: unknown,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const { host, port, ending, trust } = options as TunnelOptions;
    const server = { host: String(host), port: Number(port) };
    const report = callback as (error: unknown, stream?: Duplex) => void;
    openTunnel(this.#proxy, server, trust, ending).then((socket) => {
      report(null, socket);
    }, report);
  }
}

async function answerOf(
  sent: ClientRequest,
  body: Uint8Array | undefined,
  onConnected: () => void,
): Promise<OpenAnswer> {
  return await new Promise((resolve, reject) => {
    sent.once('error', reject);
    sent.once('socket', onConnected);
    sent.once('response', (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
    });
    sent.end(body);
  });
}
