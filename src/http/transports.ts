import type { Authorities } from './authorities.ts';
import { DirectTransport } from './direct.ts';
import type { Transport } from './exchange.ts';
import type { Proxy } from './proxy-address.ts';

/** The ways to servers: straight or through a proxy, each for the authorities that count. Connections are kept. */
export class Transports {
  readonly #usual: Authorities;
  readonly #direct = new Map<Authorities, DirectTransport>();
  readonly #proxied = new Map<Authorities, Map<string, Promise<Transport>>>();

  /**
   * @param usual the authorities that count where none are named
   * @param begun where a connection was begun already, with these authorities
   */
  constructor(usual: Authorities, begun?: DirectTransport) {
    this.#usual = usual;
    if (begun) this.#direct.set(usual, begun);
  }

  /** The straight way. */
  direct(authorities: Authorities = this.#usual): DirectTransport {
    let transport = this.#direct.get(authorities);
    if (transport === undefined)
      this.#direct.set(authorities, (transport = new DirectTransport(authorities)));
    return transport;
  }

  /** The way through a proxy, whose code is loaded now. */
  through(proxy: Proxy, authorities: Authorities = this.#usual): Promise<Transport> {
    const transports = this.#proxied.get(authorities) ?? new Map<string, Promise<Transport>>();
    this.#proxied.set(authorities, transports);
    const known = transports.get(proxy.address);
    if (known) return known;
    const transport = import('./proxy.ts').then(
      ({ ProxyTransport }) => new ProxyTransport(proxy, authorities),
    );
    transports.set(proxy.address, transport);
    return transport;
  }

  /** Closes the connections that were kept. */
  close(): void {
    for (const transport of this.#direct.values()) transport.close();
    for (const transports of this.#proxied.values())
      for (const proxied of transports.values())
        void proxied.then((transport) => {
          transport.close();
        });
  }
}
