import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** A server of files on loopback. */
export interface FileServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Under this path everything is sent as hosts of release files send it. */
export const AS_OCTETS = 'octets';

/** Serves a directory, archives as what they are: without that type Helm 3 does not know them. */
export async function serveFiles(directory: string): Promise<FileServer> {
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url ?? '', 'http://localhost').pathname);
    const asOctets = asked.startsWith(`/${AS_OCTETS}/`);
    const name = path.normalize(asOctets ? asked.slice(AS_OCTETS.length + 1) : asked);
    readFile(path.join(directory, name)).then(
      (bytes) => {
        const isArchive = name.endsWith('.tgz') && !asOctets;
        const type = isArchive ? 'application/gzip' : 'application/octet-stream';
        response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
