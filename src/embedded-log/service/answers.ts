import type { ServerResponse } from 'node:http';

/**
 * The answers that clients have not read to the end. If there is no room for one more, the oldest is dropped
 * with its connection. So a client that asks for much and does not read it cannot block others.
 */
export class Answers {
  private readonly lengths = new Map<ServerResponse, number>();
  private sum = 0;

  /**
   * @param room the most bytes of all answers together; an answer that is longer is sent alone
   * @param timeout how long an answer may take, in milliseconds
   */
  constructor(
    private readonly room: number,
    private readonly timeout: number,
  ) {}

  /** Sends the body of an answer whose head is written. */
  send(response: ServerResponse, body: Buffer): void {
    for (const [oldest] of this.lengths) {
      if (this.sum + body.length <= this.room) break;
      this.forget(oldest);
      oldest.destroy();
    }
    this.lengths.set(response, body.length);
    this.sum += body.length;
    const timer = setTimeout(() => response.destroy(), this.timeout).unref();
    response.once('close', () => {
      clearTimeout(timer);
      this.forget(response);
    });
    response.end(body);
  }

  private forget(response: ServerResponse): void {
    this.sum -= this.lengths.get(response) ?? 0;
    this.lengths.delete(response);
  }
}
