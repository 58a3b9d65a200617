import type { Agent, ClientRequestArgs } from 'node:http';
import { Socket } from 'node:net';

/** A connection that is begun before there is a request for it, and handed over to the first one to its server. */
export class EarlyConnection {
  #begun: { readonly server: string; readonly socket: Socket } | undefined;
  #isOver = false;

  /**
   * Begins to connect to the server of the URL; the agent gets the connection when it wants one.
   * @param options what the agent would give for its connections: the certificate authorities
   */
  begin(agent: Agent, { protocol, hostname, port }: URL, options: { readonly ca?: string }): void {
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
    // One that fails is not used: the next attempt tells why.
    socket.on('error', () => undefined);
    // Nor is one that nobody wants waited for.
    socket.unref();
    agent.createConnection = (wanted, callback) => {
      const begun = this.#begun;
      if (begun?.server !== serverOf(wanted) || begun.socket.destroyed) return connect(wanted, callback);
      this.#begun = undefined;
      return begun.socket.ref();
    };
  }

  /** Ends the connection if nobody wanted it; none is begun any more. */
  end(): void {
    this.#isOver = true;
    this.#begun?.socket.destroy();
  }
}

/** As an agent with keep-alive has it. */
const STEADY = { keepAlive: true, noDelay: true };

function serverOf({ host, port }: ClientRequestArgs): string {
  return `${host ?? ''} ${port ?? ''}`;
}

/** TLS is told names of servers only. */
function isAddress(host: string): boolean {
  return /^[0-9.]+$|:/.test(host);
}
