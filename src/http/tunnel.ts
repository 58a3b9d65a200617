import type { IncomingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { forProxy, type TlsTrust } from './authorities.ts';
import { connectTo, startTls } from './connection.ts';
import type { Proxy } from './proxy-address.ts';
import { proxyFailureOf, proxyRefusal } from './proxy-failure.ts';
import { Client } from './undici.ts';

/** The server at the far end of a tunnel. */
export interface TunnelEnd {
  /** An IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * A connection to a server over TLS, in a tunnel that a proxy opens (RFC 9110 9.3.6).
 * @param signal ends the attempt, whatever it is waiting for; not the tunnel, once it is open
 * @throws ExchangeFailure for what the proxy does; the errors of Node for what the server does
 */
export async function openTunnel(
  proxy: Proxy,
  server: TunnelEnd,
  trust: TlsTrust,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const socket = await askForTunnel(proxy, server, trust, signal);
  return await startTls(socket, server.host, trust, signal);
}

/** Where a proxy is, for a request to it. Node would take the name for TLS from the header `Host`, the server's. */
export function placeOf({ hostname, port }: Proxy, trust: TlsTrust): RequestOptions {
  return { ...forProxy(trust), hostname, port, servername: isIP(hostname) === 0 ? hostname : '' };
}

async function askForTunnel(
  proxy: Proxy,
  server: TunnelEnd,
  trust: TlsTrust,
  signal: AbortSignal,
): Promise<Duplex> {
  const authority = `${isIP(server.host) === 6 ? `[${server.host}]` : server.host}:${server.port}`;
  const client = clientOf(proxy, () => connectTo(proxy, trust, signal));
  const end = () => {
    void client.destroy(signal.reason as Error);
  };
  signal.addEventListener('abort', end);
  try {
    const { status, headers, socket } = await connectThrough(client, authority, proxy);
    if (status >= 200 && status < 300) return socket;
    socket.on('error', () => undefined).destroy();
    throw proxyRefusal(status, headers, new URL(`https://${authority}`), proxy);
  } catch (error) {
    throw proxyFailureOf(error, proxy);
  } finally {
    signal.removeEventListener('abort', end);
    // The client no longer owns the connection of an open tunnel, and does not close it.
    void client.destroy();
  }
}

/**
 * Speaks HTTP over a connection that we open: one that undici opens would go on after an abort. It has no
 * time limits of its own, because our deadlines count.
 */
function clientOf({ isTls, host }: Proxy, open: () => Promise<Socket>): Client {
  return new Client(`${isTls ? 'https' : 'http'}://${host}`, {
    connect: (_, callback) => {
      open().then(
        (socket) => {
          callback(null, socket);
        },
        (error: unknown) => {
          callback(error as Error, null);
        },
      );
    },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** What a proxy answers to CONNECT, whatever the status is, and the connection, which is the caller's then. */
async function connectThrough(
  client: Client,
  authority: string,
  { authorization }: Proxy,
): Promise<{ status: number; headers: IncomingHttpHeaders; socket: Duplex }> {
  const headers = {
    host: authority,
    ...(authorization !== undefined && { 'proxy-authorization': authorization }),
  };
  return await new Promise((resolve, reject) => {
    client.dispatch(
      { method: 'CONNECT', path: authority, headers },
      {
        onRequestStart: () => undefined,
        onRequestUpgrade: (_, status, headers, socket) => {
          resolve({ status, headers, socket });
        },
        onResponseError: (_, error) => {
          reject(error);
        },
      },
    );
  });
}
