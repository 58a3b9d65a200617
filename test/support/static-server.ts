import type { RequestListener } from 'node:http';
import { serve, type LoopbackServer } from './loopback.ts';

/** What a server of files has at a path, query included: bytes, or what answers there. */
export type StaticFiles = Record<string, Uint8Array | string | RequestListener>;

/** Starts a server of files that ends with the test: 404 where it has none. Files may be added while it runs. */
export async function serveFiles(files: StaticFiles): Promise<LoopbackServer> {
  return await serve((request, response) => {
    const file = files[request.url ?? ''];
    if (typeof file === 'function') file(request, response);
    else if (file === undefined) response.writeHead(404).end('nothing here');
    else response.end(file);
  });
}
