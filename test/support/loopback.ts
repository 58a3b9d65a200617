import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as a server of a test saw it. */
interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server of one test, on a free port of 127.0.0.1: its base URL, and what it was asked. */
export interface LoopbackServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
}

/** Starts an HTTP server that ends with the test. Handlers answer one request each; the last one all others. */
export async function serve(...handlers: readonly RequestListener[]): Promise<LoopbackServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const handler = handlers[Math.min(seen.length, handlers.length - 1)];
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      handler?.(request, response);
    });
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, seen };
}

/** Starts a TCP server that ends with the test. */
export async function serveTcp(onConnection: (socket: Socket) => void): Promise<number> {
  return await listen(createTcpServer(onConnection));
}

/** Starts any server that ends with the test, on a free port of 127.0.0.1. */
export async function listen(server: Server | TcpServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/**
 * A port of 127.0.0.1 on which nobody listens, nor can before the test has finished: the near end of a connection has
 * it. One that was merely free might go to another test.
 */
export async function unusedPort(): Promise<number> {
  const holder = connect(await listen(createTcpServer()), '127.0.0.1').on('error', () => undefined);
  await once(holder, 'connect');
  return holder.localPort ?? 0;
}

/** A handler that answers with this status and body. */
export function answer(
  status: number,
  body: string | Uint8Array = '',
  headers: Readonly<Record<string, string>> = {},
): RequestListener {
  return (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, headers).end(body);
  };
}
