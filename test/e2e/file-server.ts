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

/** Serves a directory, archives as what they are: without that type Helm 3 does not know them. */
export async function serveFiles(directory: string): Promise<FileServer> {
  const server = createServer((request, response) => {
    const name = path.normalize(decodeURIComponent(new URL(request.url ?? '', 'http://localhost').pathname));
    readFile(path.join(directory, name)).then(
      (bytes) => {
        const type = name.endsWith('.tgz') ? 'application/gzip' : 'application/octet-stream';
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
