// A network with latency, on loopback: a TCP proxy between a program and its server that delays every byte by half a
// round trip in each direction, and the first ones by the whole round trip that a handshake takes.
import { connect, createServer } from 'node:net';
import { once } from 'node:events';

/**
 * @typedef {object} DelayingProxy
 * @property {string} url where it stands in for the server
 * @property {() => number} requests how many HTTP requests went through since this was last asked
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} server its base URL; http
 * @param {number} roundTrip milliseconds
 * @returns {Promise<DelayingProxy>}
 */
export async function startDelayingProxy(server, roundTrip) {
  const { hostname, port } = new URL(server);
  let requests = 0;
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const proxy = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const connected = performance.now();
    const upstream = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
    client.on('data', (chunk) => (requests += requestsIn(chunk)));
    pass(client, upstream, (now) => arrivalAtServer(now, connected, roundTrip));
    pass(upstream, client, (now) => now + roundTrip / 2);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => [client, upstream].forEach((each) => each.destroy()));
    }
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const address = /** @type {import('node:net').AddressInfo} */ (proxy.address());
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests() {
      const counted = requests;
      requests = 0;
      return counted;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

/**
 * When bytes that a client sends `now` reach the server. On loopback the client is connected at once; over a network
 * it could not have sent anything before the answer to its SYN was back, one round trip later.
 *
 * @param {number} now milliseconds, as the other two
 * @param {number} connected when the client's SYN came
 * @param {number} roundTrip
 */
export function arrivalAtServer(now, connected, roundTrip) {
  return Math.max(now, connected + roundTrip) + roundTrip / 2;
}

/**
 * Passes on bytes and their end, each at its time.
 *
 * @param {import('node:net').Socket} from
 * @param {import('node:net').Socket} to
 * @param {(now: number) => number} arrival
 */
function pass(from, to, arrival) {
  // Timers of the same delay run in their order, those of others need not.
  let last = Promise.resolve();
  const after = (/** @type {() => void} */ act) => {
    const now = performance.now();
    const arrived = new Promise((resolve) => setTimeout(resolve, arrival(now) - now));
    last = last.then(() => arrived).then(act);
  };
  from.on('data', (chunk) => after(() => to.destroyed || to.write(chunk)));
  from.once('end', () => after(() => to.end()));
}

/** @param {Buffer} chunk a client begins each of its requests in a chunk of its own */
function requestsIn(chunk) {
  return /^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(chunk.toString('latin1')) ? 1 : 0;
}
