import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../errors.ts';
import type { AnsweredRequest } from './answered-request.ts';
import type { ApiAnswer, Service } from './api-message.ts';
import { answer, isRead } from './api.ts';
import { Answers } from './answers.ts';
import type { Connections } from './connections.ts';
import { IncomingBody } from './incoming-body.ts';
import { LIMITS } from '../limits.ts';
import { Refusal } from '../entry/refusal.ts';
import { shownPath, targetOf } from './request-target.ts';
import { RequestUnderWay } from './request-under-way.ts';
import { Room } from './room.ts';

/** Reads requests and writes answers, within {@link LIMITS}. */
export class Responder {
  private readonly bodies = new Room(LIMITS.sharedRoom);
  private readonly answers = new Answers(LIMITS.answers, LIMITS.answerTimeout);
  private lastFailure = '';

  /** @param observe is told of each request when its answer was taken, or nobody is there any more to take it */
  constructor(
    private readonly service: Service,
    private readonly connections: Connections,
    private readonly observe: (answered: AnsweredRequest) => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Answers a request, whatever it is; never rejects. */
  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    if (!this.connections.begin(socket)) return;
    const underWay = new RequestUnderWay(request);
    response.once('close', () => {
      this.connections.end(socket);
      this.observe(underWay.answeredBy(response));
    });
    const body = new IncomingBody(this.bodies);
    try {
      const bytes = await body.read(request);
      this.connections.work(socket);
      underWay.bytes = this.send(request, response, await this.answerTo(request, bytes));
    } catch (error) {
      // The client went away before the request was complete: there is no error, and nobody to answer.
      if (request.destroyed && !request.complete) return;
      underWay.bytes = this.send(request, response, this.answerToError(error));
    } finally {
      body.release();
      this.connections.rest(socket);
    }
  }

  private async answerTo(request: IncomingMessage, body: Uint8Array): Promise<ApiAnswer> {
    const { method = 'GET', url = '/', headers, headersDistinct } = request;
    const target = targetOf(url);
    if (target === undefined) throw new Refusal(404, `path ${url} was not found`);
    return await answer(this.service, {
      method,
      ...target,
      accept: headers.accept ?? '',
      contentType: headers['content-type'],
      // Of several a proxy may have believed another one than this log would: together they are none.
      authorization: headersDistinct['authorization']?.join(', '),
      body,
    });
  }

  private answerToError(error: unknown): ApiAnswer {
    if (!(error instanceof Refusal)) this.tell(error);
    const refusal =
      error instanceof Refusal ? error : new Refusal(500, 'unexpected result from transparency log');
    const { status, code, message, headers } = refusal;
    const said = message.length > LIMITS.message ? `${message.slice(0, LIMITS.message)}...` : message;
    return {
      status,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ code, message: said }),
    };
  }

  /** Returns the length of the body. */
  private send(request: IncomingMessage, response: ServerResponse, said: ApiAnswer): number {
    const bytes = typeof said.body === 'string' ? Buffer.from(said.body) : said.body;
    const ending = this.connections.isEnding && { connection: 'close' };
    response.writeHead(said.status, { ...commonHeaders(request, bytes.length), ...said.headers, ...ending });
    this.answers.send(response, bytes);
    return bytes.length;
  }

  /** Reports a failure, but not again while every request fails for the same reason. */
  private tell(error: unknown): void {
    const message = messageOf(error);
    if (message !== this.lastFailure) this.onFailure(error);
    this.lastFailure = message;
  }
}

/** The headers with which Rekor keeps proxies from caching an answer. */
const NOT_TO_BE_KEPT = {
  'cache-control': 'no-cache, no-store, no-transform, must-revalidate, private, max-age=0',
  expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
  pragma: 'no-cache',
  'x-accel-expires': '0',
};

function commonHeaders(request: IncomingMessage, length: number): Record<string, string | number> {
  const { method = '', url = '', complete } = request;
  return {
    vary: 'Origin',
    'content-length': length,
    ...(isRead(method, shownPath(url)) && NOT_TO_BE_KEPT),
    // The rest of a body that was not read must not be taken for the next request.
    ...(!complete && { connection: 'close' }),
  };
}
