import { Agent, request, type ClientRequest, type RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Authorities, TlsTrust } from './authorities.ts';
import { EarlyConnection } from './early-connection.ts';
import type { OpenAnswer, Outgoing, Transport } from './exchange.ts';

/** Requests straight to the server, over connections that are kept for the next request. */
export class DirectTransport implements Transport {
  readonly whenSilent = 'try again later, or give it more time with --timeout';
  readonly #authorities: Authorities;
  readonly #http: Protocol = { agent: new Agent({ keepAlive: true }), request, trust: {} };
  #https: Promise<Protocol> | undefined;
  readonly #early = new EarlyConnection();

  constructor(authorities: Authorities) {
    this.#authorities = authorities;
  }

  /** Begins a connection for the next request to this server, which takes as long as the request itself. */
  prepare(url: URL): void {
    this.#protocolFor(url)
      .then(({ agent, trust }) => {
        this.#early.begin(agent, url, trust);
      })
      // If TLS cannot be set up, the request itself reports the reason.
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
    void this.#https?.then(
      ({ agent }) => {
        agent.destroy();
      },
      () => undefined,
    );
  }

  async #protocolFor({ protocol }: URL): Promise<Protocol> {
    // TLS is loaded only for https.
    return protocol === 'https:' ? await (this.#https ??= loadHttps(this.#authorities)) : this.#http;
  }
}

interface Protocol {
  readonly agent: Agent;
  readonly request: (url: URL, options: RequestOptions) => ClientRequest;
  readonly trust: TlsTrust;
}

function isConnecting(socket: Socket & { readonly secureConnecting?: boolean }): boolean {
  return socket.connecting || socket.secureConnecting === true;
}

async function loadHttps(authorities: Authorities): Promise<Protocol> {
  const [{ Agent, request }, trust] = await Promise.all([import('node:https'), authorities.load()]);
  return { agent: new Agent({ keepAlive: true, ...trust }), request, trust };
}
