import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import { InputError, messageOf } from '../../errors.ts';
import { LIMITS } from '../limits.ts';

/** A certificate with those between it and its authority, and its private key; both in PEM. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

/** What waits for connections. */
export interface Listener {
  /** `http://HOST:PORT` or `https://HOST:PORT`. */
  readonly url: string;
  /** New connections get this certificate. @throws InputError if it cannot be served; then the old one stays */
  replaceTls(pair: TlsPair): void;
  /** Takes no further connections. Fulfilled when the last one has ended. */
  close(): Promise<void>;
  /** Ends the connections on which TLS is only begun. */
  dropHandshakes(): void;
}

/**
 * Listens at an address, for a server of HTTP that answers.
 * @param address an IP address
 * @throws InputError if it cannot be listened at, or the certificate cannot be served
 */
export async function listen(
  http: HttpServer,
  {
    address,
    port,
    tls,
  }: { readonly address: string; readonly port: number; readonly tls?: TlsPair | undefined },
): Promise<Listener> {
  const handshakes = new Handshakes();
  const front = tls === undefined ? undefined : tlsBefore(http, tls, handshakes);
  const server: Server = front ?? http;
  try {
    server.listen(port, address);
    await once(server, 'listening');
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new InputError(
      `cannot listen at ${shown(address)}:${port}: ${messageOf(error)}`,
      isTaken
        ? 'another program listens there: --listen takes another port, and 0 for one that is free'
        : undefined,
      { cause: error },
    );
  }
  const bound = server.address() as AddressInfo;
  return {
    url: `${front ? 'https' : 'http'}://${shown(bound.address)}:${bound.port}`,
    replaceTls: (pair) => {
      requireUsable(pair);
      front?.setSecureContext(pair);
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
    dropHandshakes: () => {
      handshakes.drop();
    },
  };
}

/** A server of TLS that hands its connections to that of HTTP. So it is the same one with and without TLS. */
function tlsBefore(
  http: HttpServer,
  pair: TlsPair,
  handshakes: Handshakes,
): ReturnType<typeof createTlsServer> {
  requireUsable(pair);
  const options = { ...pair, handshakeTimeout: LIMITS.headersTimeout, ALPNProtocols: ['http/1.1'] };
  const front = createTlsServer(options, (socket) => {
    handshakes.end(socket);
    http.emit('connection', socket);
  });
  front.on('connection', (socket: Socket) => {
    handshakes.begin(socket);
  });
  // Whoever speaks no TLS is gone already.
  front.on('tlsClientError', () => undefined);
  return front;
}

/** OpenSSL itself takes a pair that is empty, and then no client can connect. */
function requireUsable({ cert, key }: TlsPair): void {
  try {
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
      throw new Error('the private key is that of another certificate');
    createSecureContext({ cert, key });
  } catch (error) {
    throw new InputError(
      `the certificate cannot be served: ${messageOf(error)}`,
      'name a certificate in PEM with --tls-cert, and the private key that belongs to it, without a passphrase, with --tls-key',
    );
  }
}

/** The connections on which TLS is only begun, by the address of the other end. The oldest goes when there are too many. */
class Handshakes {
  readonly #begun = new Map<string, Socket>();

  begin(socket: Socket): void {
    const name = otherEnd(socket);
    this.#begun.set(name, socket);
    socket.once('close', () => {
      if (this.#begun.get(name) === socket) this.#begun.delete(name);
    });
    if (this.#begun.size <= LIMITS.handshakes) return;
    for (const [oldest, { destroyed }] of this.#begun) {
      this.#begun.get(oldest)?.destroy();
      this.#begun.delete(oldest);
      if (!destroyed) break;
    }
  }

  end(socket: Socket): void {
    this.#begun.delete(otherEnd(socket));
  }

  drop(): void {
    for (const socket of this.#begun.values()) socket.destroy();
  }
}

function otherEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}

function shown(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
