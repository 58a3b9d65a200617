import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to clients, and to servers that take any port: nobody gets one of these by chance. */
const LOWEST = 20_000;
const HIGHEST = 31_999;
const TRIES = 100;

const given = new Set<number>();

/**
 * A port of 127.0.0.1 on which nobody listens, another one each time. It stays free until the server that is to have it
 * is there, also between two starts of that server.
 * @throws when a hundred in a row are taken
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`found no free port in ${TRIES} tries`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
