import { createServer } from 'node:net';

/**
 * Keeps the port of Rekor's metrics on loopback, so that it serves none: it would to the whole network, and no option
 * says otherwise. A port that somebody else has does as well. Returns what gives it back.
 */
export async function holdMetricsPort(): Promise<() => void> {
  const server = createServer((socket) => socket.destroy()).listen(2112, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve).once('error', resolve));
  // Nor does it keep a run alive that could not start.
  server.unref();
  return () => server.close();
}
