import { Agent, request, type ClientRequest, type RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { EarlyConnection } from './early-connection.ts';
import type { OpenAnswer, Outgoing, Transport } from './exchange.ts';

/** Requests straight to the server, over connections that are kept for the next request. */
export class DirectTransport implements Transport {
  readonly #ca: string | undefined;
  readonly #http: Protocol = { agent: new Agent({ keepAlive: true }), request };
  #https: Promise<Protocol> | undefined;
  readonly #early = new EarlyConnection();

  /** @param ca the only certificate authorities to trust, in PEM; absent: those of Node */
  constructor(ca?: string) {
    this.#ca = ca;
  }

  /** Begins a connection for the next request to this server, which takes as long as the request itself. */
  prepare(url: URL): void {
    this.#protocolFor(url)
      .then(({ agent }) => {
        this.#early.begin(agent, url, optionsOf(this.#ca));
      })
      // Where TLS cannot be set up, the request tells why.
      .catch(() => undefined);
  }

  async open(outgoing: Outgoing, signal: AbortSignal, onConnected: () => void): Promise<OpenAnswer> {
    const { method, url, headers, body } = outgoing;
    const { agent, request } = await this.#protocolFor(url);
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, headers, agent, signal });
      sent.once('error', reject);
      sent.once('socket', (socket) => {
        if (sent.reusedSocket || !isConnecting(socket)) onConnected();
        else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', onConnected);
      });
      sent.once('response', (response) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
      });
      sent.end(body);
    });
  }

  close(): void {
    this.#early.end();
    this.#http.agent.destroy();
    void this.#https?.then(({ agent }) => {
      agent.destroy();
    });
  }

  async #protocolFor({ protocol }: URL): Promise<Protocol> {
    // TLS is loaded for those who need it.
    return protocol === 'https:' ? await (this.#https ??= loadHttps(this.#ca)) : this.#http;
  }
}

interface Protocol {
  readonly agent: Agent;
  readonly request: (url: URL, options: RequestOptions) => ClientRequest;
}

function isConnecting(socket: Socket & { readonly secureConnecting?: boolean }): boolean {
  return socket.connecting || socket.secureConnecting === true;
}

async function loadHttps(ca: string | undefined): Promise<Protocol> {
  const { Agent, request } = await import('node:https');
  return { agent: new Agent({ keepAlive: true, ...optionsOf(ca) }), request };
}

function optionsOf(ca: string | undefined): { readonly ca?: string } {
  return ca === undefined ? {} : { ca };
}
