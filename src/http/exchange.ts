import type { Deadline } from './deadline.ts';
import { AnswerTooLong, ExchangeFailure, failureOf } from './failure.ts';

/** The methods of HTTP that are used. */
export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT';

/** One request as it goes to a transport. */
export interface Outgoing {
  readonly method: HttpMethod;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** The head of an answer, whatever its status. */
export interface AnswerHead {
  readonly status: number;
  /** By lower-case name; of a repeated header the values are joined. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** A complete answer, whatever its status. */
export interface Incoming extends AnswerHead {
  readonly body: Uint8Array;
}

/** An answer whose body is still on the way. */
export interface OpenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** How requests get on the wire. */
export interface Transport {
  /** The hint for when there is no connection in time. */
  readonly whenSilent: string;
  /** The head of the answer. The signal ends, at any time, everything that belongs to the request. */
  open(outgoing: Outgoing, signal: AbortSignal, onConnected: () => void): Promise<OpenAnswer>;
  close(): void;
}

/**
 * What becomes of an answer. The body throws an `ExchangeFailure` where it breaks off, or gets too long. It is taken in
 * this function or not at all.
 */
export type Receive<T> = (head: AnswerHead, body: AsyncIterable<Uint8Array>) => Promise<T>;

/** How long an answer may be, how long it may take, and what ends it early. */
export interface ExchangeLimits {
  readonly maxBytes: number;
  readonly deadline: Deadline;
  /** Ends the exchange. */
  readonly closed: AbortSignal;
  /**
   * What has to come within the limit of one request: the whole answer, or its head. Then the body may take as long as the
   * deadline allows, as long as pieces of it come.
   */
  readonly within: 'answer' | 'head';
}

/**
 * One request, and what `receive` makes of its answer, within the limits.
 * @throws ExchangeFailure without a complete answer
 * @throws whatever `receive` throws
 */
export async function exchange<T>(
  transport: Transport,
  outgoing: Outgoing,
  { maxBytes, deadline, closed, within }: ExchangeLimits,
  receive: Receive<T>,
): Promise<T> {
  const { limits } = deadline;
  return await deadline.hold(async (wait) => {
    // If both limits pass at the same moment, the first one gives the message.
    const connecting = wait.limit(limits.connect, () =>
      timedOut('no connection', limits.connect, transport.whenSilent),
    );
    const complete = wait.limit(limits.request, () => timedOut('no complete answer', limits.request));
    const onConnected = () => {
      clearTimeout(connecting);
    };
    const answer = await transport.open(outgoing, wait.signal, onConnected).catch((error: unknown) => {
      throw failureOf(error);
    });
    clearTimeout(connecting);
    if (within === 'head') clearTimeout(complete);
    const idle = wait.limit(limits.idle, () =>
      timedOut('the answer stopped in the middle, nothing came', limits.idle),
    );
    const head = { status: answer.status, headers: joinHeaders(answer.headers) };
    return await receive(
      head,
      bodyOf(answer.body, head, maxBytes, () => idle.refresh()),
    );
  }, closed);
}

/** Keeps the whole answer in memory. */
export async function collect(
  { status, headers }: AnswerHead,
  body: AsyncIterable<Uint8Array>,
): Promise<Incoming> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return { status, headers, body: Buffer.concat(pieces) };
}

/** Bytes that the page of an error may have, also where less is asked for: its status says what to do. */
const REASON_BYTES = 64 * 1024;

async function* bodyOf(
  body: OpenAnswer['body'],
  { status, headers }: AnswerHead,
  maxBytes: number,
  onPiece: () => void,
): AsyncGenerator<Uint8Array, void, void> {
  const isCompressed = (headers['content-encoding'] ?? 'identity') !== 'identity';
  const most = status < 400 ? maxBytes : Math.max(maxBytes, REASON_BYTES);
  let size = 0;
  const pieces: AsyncIterator<Uint8Array, unknown> = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await pieces.next().catch((error: unknown) => {
        throw failureOf(error);
      });
      if (next.done === true) return;
      onPiece();
      size += next.value.length;
      if (size > most) throw new AnswerTooLong(most);
      if (isCompressed)
        throw new ExchangeFailure('LOG_ANSWER', 'the answer is compressed, which was not asked for', false);
      yield next.value;
      onPiece();
    }
  } finally {
    // Whoever stops in the middle closes the connection.
    await pieces.return?.();
  }
}

function timedOut(
  what: string,
  milliseconds: number,
  hint = 'try again later, or give it more time with --timeout',
): ExchangeFailure {
  return new ExchangeFailure('LOG_UNREACHABLE', `${what} within ${milliseconds / 1000} s`, false, hint);
}

function joinHeaders(headers: OpenAnswer['headers']): AnswerHead['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'object' ? value.join(', ') : value,
    ]),
  );
}
