import { Agent, request, type ClientRequest, type RequestOptions } from 'node:http';
import type { OpenAnswer, Outgoing, Transport } from './exchange.ts';

/** Requests straight to the server, over connections that are kept for the next request. */
export class DirectTransport implements Transport {
  readonly #ca: string | undefined;
  readonly #http: Protocol = { agent: new Agent({ keepAlive: true }), request };
  #https: Promise<Protocol> | undefined;

  /** @param ca the only certificate authorities to trust, in PEM; absent: those of Node */
  constructor(ca?: string) {
    this.#ca = ca;
  }

  async open(outgoing: Outgoing, signal: AbortSignal, onConnected: () => void): Promise<OpenAnswer> {
    const { method, url, headers, body } = outgoing;
    const secure = url.protocol === 'https:';
    // TLS is loaded for those who need it.
    const { agent, request } = secure ? await (this.#https ??= loadHttps(this.#ca)) : this.#http;
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, headers, agent, signal });
      sent.once('error', reject);
      sent.once('socket', (socket) => {
        if (sent.reusedSocket) onConnected();
        else socket.once(secure ? 'secureConnect' : 'connect', onConnected);
      });
      sent.once('response', (response) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
      });
      sent.end(body);
    });
  }

  close(): void {
    this.#http.agent.destroy();
    void this.#https?.then(({ agent }) => {
      agent.destroy();
    });
  }
}

interface Protocol {
  readonly agent: Agent;
  readonly request: (url: URL, options: RequestOptions) => ClientRequest;
}

async function loadHttps(ca: string | undefined): Promise<Protocol> {
  const { Agent, request } = await import('node:https');
  return { agent: new Agent({ keepAlive: true, ...(ca !== undefined && { ca }) }), request };
}
