import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { listen } from '../../support/loopback.ts';
import { selfSignedCertificate } from '../../support/tls-certificate.ts';

/** Hosts of documents, which are servers on loopback for whoever goes through this proxy. */
export interface NamedHosts {
  /** For `HTTPS_PROXY`. */
  readonly proxy: string;
  /** Who vouches for these hosts, in PEM: for `SSL_CERT_FILE`. */
  readonly authorities: string;
}

/**
 * Lets names such as `charts.example.com` stand for servers of plain http on loopback, over TLS, until the test ends. Every
 * other host is refused: no document needs one.
 * @param hosts their URLs, by name
 */
export async function nameHosts(hosts: Readonly<Record<string, string>>): Promise<NamedHosts> {
  const ports = new Map<string, number>();
  let authorities = '';
  for (const [name, url] of Object.entries(hosts)) {
    const identity = selfSignedCertificate(name);
    authorities += identity.cert;
    const { port } = new URL(url);
    const front = createTlsServer(identity, (secure) => {
      join(secure, connect(Number(port), '127.0.0.1'));
    });
    ports.set(`${name}:443`, await listen(front));
  }
  const proxy = createServer();
  proxy.on('connect', ({ url = '' }: IncomingMessage, client: Socket) => {
    const port = ports.get(url);
    if (port === undefined) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      join(client, server);
    });
    server.on('error', () => client.destroy());
  });
  return { proxy: `http://127.0.0.1:${await listen(proxy)}`, authorities };
}

/** Passes on what either side says, and ends both when one ends. */
function join(one: NodeJS.ReadWriteStream & Pick<Socket, 'destroy'>, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}
