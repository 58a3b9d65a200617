import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

const ENTRIES = '/api/v1/log/entries';

/** Opens a connection that stays until the test has finished, and writes to it as far as it is taken. */
export async function open(url: string, ...pieces: readonly (string | Buffer)[]): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  for (const piece of pieces) socket.write(piece);
  return socket;
}

/** The head of an upload with a body of so many bytes. */
export function uploadOf(bytes: number, path = ENTRIES): string {
  return `POST ${path} HTTP/1.1\r\nHost: log\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`;
}

/** An upload with this body, as it goes over the line. */
export function wholeUpload(body: Buffer, path = ENTRIES): Buffer {
  return Buffer.concat([Buffer.from(uploadOf(body.length, path)), body]);
}
