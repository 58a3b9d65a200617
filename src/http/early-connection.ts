import type { Agent, ClientRequestArgs } from 'node:http';
import { Socket } from 'node:net';
import type { TlsTrust } from './authorities.ts';

/** A connection that is begun before there is a request for it, and handed over to the first one to its server. */
export class EarlyConnection {
  #begun: { readonly server: string; readonly socket: Socket } | undefined;
  #isOver = false;

  /**
   * Begins to connect to the server of the URL; the agent gets the connection when it wants one.
   * @param options what the agent would give for its connections: the certificate authorities
   */
  begin(agent: Agent, { protocol, hostname, port }: URL, options: TlsTrust): void {
    if (this.#isOver || this.#begun) return;
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const server = { host, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
    const connect = agent.createConnection.bind(agent);
    const socket = connect({
      ...STEADY,
      ...options,
      ...server,
      ...(!isAddress(host) && { servername: host }),
    });
    if (!(socket instanceof Socket)) return;
    this.#begun = { server: serverOf(server), socket };
    // A connection that failed is not used: the next attempt reports the reason.
    socket.on('error', () => undefined);
    // An unused connection must not keep the process alive.
    socket.unref();
    agent.createConnection = (wanted, callback) => {
      const begun = this.#begun;
      if (begun?.server !== serverOf(wanted) || begun.socket.destroyed) return connect(wanted, callback);
      this.#begun = undefined;
      return begun.socket.ref();
    };
  }

  /** Ends the connection if it was not used, and begins no other. */
  end(): void {
    this.#isOver = true;
    this.#begun?.socket.destroy();
  }
}

/** The socket options of an agent with keep-alive. */
const STEADY = { keepAlive: true, noDelay: true };

function serverOf({ host, port }: ClientRequestArgs): string {
  return `${host ?? ''} ${port ?? ''}`;
}

/** Whether a host is an IP address. TLS sends only names as the server name. */
function isAddress(host: string): boolean {
  return /^[0-9.]+$|:/.test(host);
}
