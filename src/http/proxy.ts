import { ProxyAgent, request } from 'undici';
import type { OpenAnswer, Outgoing, Timeouts, Transport } from './exchange.ts';

/** Requests through an HTTP proxy: in a tunnel for https, as absolute URLs for http, as Go programs do it. */
export class ProxyTransport implements Transport {
  readonly #agent: ProxyAgent;

  /** @param ca the only certificate authorities to trust, in PEM; absent: those of Node */
  constructor(proxy: URL, { connect, idle, total }: Timeouts, ca?: string) {
    const tls = { timeout: connect, ...(ca !== undefined && { ca }) };
    this.#agent = new ProxyAgent({
      uri: proxy.href,
      proxyTunnel: false,
      requestTls: tls,
      proxyTls: tls,
      headersTimeout: total,
      bodyTimeout: idle,
    });
  }

  async open(outgoing: Outgoing, signal: AbortSignal, onConnected: () => void): Promise<OpenAnswer> {
    const { method, url, headers, body } = outgoing;
    onConnected(); // undici limits the time of each of its connections itself
    const answer = await request(url, {
      method,
      headers,
      body: body ?? null,
      signal,
      dispatcher: this.#agent,
    });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body };
  }

  close(): void {
    void this.#agent.destroy();
  }
}
