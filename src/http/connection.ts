import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { forProxy, type TlsTrust } from './authorities.ts';
import type { Proxy } from './proxy-address.ts';

/**
 * A connection to a proxy, over TLS where the proxy wants that.
 * @param signal ends the attempt, but not an established connection
 * @throws the errors of Node, or the reason of the signal
 */
export async function connectTo(
  { hostname: host, port, isTls }: Proxy,
  trust: TlsTrust,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = isTls
    ? await established(connectTls({ ...tlsTo(host, forProxy(trust)), port }), 'secureConnect', signal)
    : await established(connect({ host, port }), 'connect', signal);
  return socket.setNoDelay();
}

/**
 * TLS with a host, over a connection that leads there.
 * @param signal ends the attempt and the connection below it, but not an established TLS connection
 * @throws the errors of Node, or the reason of the signal
 */
export async function startTls(
  below: Duplex,
  host: string,
  trust: TlsTrust,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return await established(
    connectTls({ ...tlsTo(host, trust), socket: below }),
    'secureConnect',
    signal,
    below,
  );
}

function tlsTo(host: string, trust: TlsTrust): ConnectionOptions {
  return { ...trust, host, ...(isIP(host) === 0 && { servername: host }), ALPNProtocols: ['http/1.1'] };
}

async function established<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  below?: Duplex,
): Promise<S> {
  const end = () => {
    socket.destroy();
    below?.destroy();
  };
  try {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once(event, resolve);
      socket.once('close', () => {
        reject(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
      });
      signal.addEventListener('abort', end);
    });
    return socket;
  } catch (error) {
    end();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
