import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import type { AddressInfo } from 'node:net';

/** What stands in front of a log: at one address it takes entries, and shows checkpoint and tiles. */
export interface TilesFront {
  readonly url: string;
  close(): Promise<void>;
}

const READ = /^\/api\/v2\/((?:checkpoint|tile\/[0-9a-z]+(?:\/x?[0-9]{3})+(?:\.p\/[0-9]{1,3})?))$/;

/** @param server that takes entries. @param storage where it keeps its tiles */
export async function startTilesFront(server: string, storage: string): Promise<TilesFront> {
  const front = createServer((incoming, response) => {
    const [, file] = READ.exec(incoming.url ?? '') ?? [];
    if (incoming.method === 'GET' && file !== undefined) void show(path.join(storage, file), response);
    else pass(server, incoming, response);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      front.close(() => {
        resolve();
      });
      front.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`, close };
}

async function show(file: string, response: ServerResponse): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) createReadStream(file).pipe(response);
  else response.writeHead(404).end();
}

function pass(server: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = incoming;
  const passed = ask(`${server}${incoming.url ?? ''}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on('error', () => response.writeHead(502).end());
  incoming.pipe(passed);
}
