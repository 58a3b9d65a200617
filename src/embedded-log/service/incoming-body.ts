import type { IncomingMessage } from 'node:http';
import { LIMITS } from '../limits.ts';
import { Refusal } from '../entry/refusal.ts';
import type { Room } from './room.ts';

/** The body of a request, as far as it has arrived. It takes room that `release` gives back. */
export class IncomingBody {
  private buffer: Buffer = Buffer.alloc(0);
  private length = 0;
  private taken = 0;

  /** @param room what all bodies share beyond the room that each has */
  constructor(private readonly room: Room) {}

  /**
   * Reads all of it into one buffer that grows with the bytes that arrive. So neither a large
   * `Content-Length` nor many small pieces take more memory. Pieces arrive one by one during the parser's
   * call, so a client that sends too many is cut off at once.
   * @throws Refusal when it is too long (413), or there is no room for it now (503)
   * @throws Error when it has too many pieces, or the client went away
   */
  async read(request: IncomingMessage): Promise<Uint8Array> {
    // Rekor up to 1.5.4 answers 500 to an upload that is too long; later versions answer this.
    const tooLong = () => new Refusal(413, 'Request Entity Too Large');
    if (Number(request.headers['content-length'] ?? 0) > LIMITS.body) throw tooLong();
    let pieces = 0;
    let isEnded = false;
    await new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => {
        isEnded = true;
        request.off('data', take);
        if (error === undefined) resolve();
        else reject(error);
      };
      const take = (piece: Buffer) => {
        try {
          if (this.length + piece.length > LIMITS.body) throw tooLong();
          this.append(piece);
        } catch (error) {
          request.pause();
          end(error as Error);
          return;
        }
        if (++pieces <= LIMITS.pieces + this.length / LIMITS.bytesPerPiece) return;
        // No answer: anything but dropping the connection would cost more work.
        request.socket.destroy();
        request.destroy();
        end(new Error(`expected a body in at most ${LIMITS.pieces} small pieces, found more`));
      };
      request.once('end', () => {
        end();
      });
      request.once('error', end);
      request.once('close', () => {
        // It comes behind each request, also behind one that has ended: an error with its trace would cost more than the rest.
        if (!isEnded) end(new Error('the connection ended before the request'));
      });
      request.on('data', take);
      // Else what arrived together with the headers is kept piece by piece until the parser has seen all of it.
      request.read(0);
    });
    return this.buffer.subarray(0, this.length);
  }

  /** Gives its room back. The bytes must not be used afterwards. */
  release(): void {
    this.room.giveBack(this.taken);
    this.taken = 0;
    this.buffer = Buffer.alloc(0);
  }

  private append(piece: Buffer): void {
    const length = this.length + piece.length;
    if (length > this.buffer.length) this.grow(length);
    piece.copy(this.buffer, this.length);
    this.length = length;
  }

  private grow(length: number): void {
    const size = Math.min(Math.max(length, 2 * this.buffer.length, SMALLEST), LIMITS.body);
    const more = Math.max(size - LIMITS.ownRoom, 0) - this.taken;
    if (more > 0 && !this.room.take(more))
      throw new Refusal(503, 'too many large requests at once', 503, { 'retry-after': '1' });
    this.taken += Math.max(more, 0);
    const larger = Buffer.allocUnsafeSlow(size);
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

const SMALLEST = 4096;
