import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from '../limits.ts';

/**
 * Bounds the connections of a server. If there are too many, the one that has waited longest for its client
 * is closed, whether for a request or for the answer to be read. So a client that holds connections open
 * cannot keep others out.
 */
export class Connections {
  /** No further request is taken: each connection ends with the answer that is under way. */
  isEnding = false;
  private readonly all = new Set<Socket>();
  /** Connections that wait for their client, in the order in which they began to wait, and when that was. */
  private readonly waiting = new Map<Socket, number>();
  /** Connections with a request that is not answered yet. */
  private readonly asking = new Set<Socket>();
  /** New connections of which nothing has been read yet. */
  private readonly arrived: Socket[] = [];

  constructor(
    server: Server,
    private readonly limit: number,
  ) {
    server.on('connection', (socket: Socket) => {
      this.all.add(socket);
      this.await(socket);
      socket.once('close', () => {
        for (const set of [this.all, this.waiting, this.asking]) set.delete(socket);
      });
      if (this.all.size > this.limit) this.makeRoom();
      parseInSlices(socket);
      socket.pause();
      if (this.arrived.push(socket) === 1) this.awaitTurn();
    });
  }

  /** Whether a new request is the only one on its connection. No known client sends several at once. */
  begin(socket: Socket): boolean {
    const isOnly = !this.asking.has(socket) && !socket.destroyed;
    if (isOnly) this.asking.add(socket);
    else socket.destroy();
    return isOnly;
  }

  /** The request has arrived completely, and the log works on it. */
  work(socket: Socket): void {
    this.waiting.delete(socket);
  }

  /** The log has finished its work on the request. */
  rest(socket: Socket): void {
    if (this.all.has(socket)) this.await(socket);
  }

  /** The answer was taken. */
  end(socket: Socket): void {
    this.asking.delete(socket);
    if (this.isEnding) socket.end();
  }

  /** Closes those on which nothing was asked, or all. */
  close(which: 'unasked' | 'all'): void {
    for (const socket of this.all) if (which === 'all' || !this.asking.has(socket)) socket.destroy();
  }

  /** Closes those that have waited longer than any client may take. Node looks after a server that listens itself, not behind TLS. */
  closeOverdue(milliseconds: number): void {
    for (const [socket, since] of this.waiting) {
      if (performance.now() - since < milliseconds) break;
      socket.destroy();
    }
  }

  private await(socket: Socket): void {
    this.waiting.delete(socket);
    this.waiting.set(socket, performance.now());
  }

  /**
   * Begins to read from one new connection in each turn of the event loop, the latest first: one read may
   * bring many requests or pieces of a body, and take many milliseconds. A client whose connection was closed
   * meanwhile may connect again.
   */
  private awaitTurn(): void {
    setImmediate(() => {
      this.arrived.pop()?.resume();
      if (this.arrived.length > 0) this.awaitTurn();
    });
  }

  private makeRoom(): void {
    const [longest] = this.waiting.keys();
    if (longest === undefined) return;
    this.waiting.delete(longest);
    this.all.delete(longest);
    longest.destroy();
  }
}

/**
 * Has the parser of requests read what arrives in small slices, and nothing more once the connection was dropped. Else it
 * goes on to the end of what was read at once, which may be ten thousand pieces of a body.
 */
function parseInSlices(socket: Socket): void {
  const [parse] = socket.listeners('data') as ((this: Socket, bytes: Buffer) => void)[];
  if (parse === undefined) return;
  // To listen ourselves takes the connection out of the hands of the parser, which would read from it directly.
  socket.off('data', parse);
  socket.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length && !socket.destroyed; at += LIMITS.slice)
      parse.call(socket, bytes.subarray(at, at + LIMITS.slice));
  });
}
