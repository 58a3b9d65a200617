import { AnswerTooLong, ExchangeFailure, failureOf } from './failure.ts';

/** One request and the limits of its answer. */
export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The longest body that is read. */
  readonly maxBytes: number;
  readonly timeouts: Timeouts;
  /** Ends the exchange from outside. */
  readonly signal?: AbortSignal;
}

/** Limits in milliseconds. */
export interface Timeouts {
  /** Until there is a connection, TLS handshake included. */
  readonly connect: number;
  /** Between two pieces of the answer's body. */
  readonly idle: number;
  /** From the first step to the last byte. */
  readonly total: number;
}

/** A complete answer, whatever its status. */
export interface Incoming {
  readonly status: number;
  /** By lower-case name; of a repeated header the values are joined. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** An answer whose body is still on the way. */
export interface OpenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** How requests get on the wire: resolves with the head of the answer; ends, at any time, with the signal. */
export interface Transport {
  open(outgoing: Outgoing, signal: AbortSignal, onConnected: () => void): Promise<OpenAnswer>;
  close(): void;
}

/** The time limits of requests that may take `total` milliseconds each. */
export function timeoutsWithin(total: number): Timeouts {
  return { connect: Math.min(10_000, total), idle: Math.min(10_000, total), total };
}

/**
 * One request and its complete answer, within the limits of the request.
 * @throws ExchangeFailure if there is none
 */
export async function exchange(transport: Transport, outgoing: Outgoing): Promise<Incoming> {
  const { timeouts, signal } = outgoing;
  const limit = new AbortController();
  const connecting = setTimeout(() => {
    limit.abort(timedOut('no connection', timeouts.connect));
  }, timeouts.connect);
  const answering = setTimeout(() => {
    limit.abort(timedOut('no complete answer', timeouts.total));
  }, timeouts.total);
  try {
    const answer = await transport.open(
      outgoing,
      signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
      () => {
        clearTimeout(connecting);
      },
    );
    clearTimeout(connecting);
    const headers = joinHeaders(answer.headers);
    const body = await readBody(answer, headers, outgoing, limit);
    return { status: answer.status, headers, body };
  } catch (error) {
    if (signal?.aborted) throw stopped(signal);
    if (limit.signal.aborted) throw limit.signal.reason;
    throw failureOf(error);
  } finally {
    clearTimeout(connecting);
    clearTimeout(answering);
  }
}

async function readBody(
  answer: OpenAnswer,
  headers: Incoming['headers'],
  { maxBytes, timeouts }: Outgoing,
  limit: AbortController,
): Promise<Uint8Array> {
  const idle = setTimeout(() => {
    limit.abort(timedOut('the answer stopped in the middle, nothing came', timeouts.idle));
  }, timeouts.idle);
  try {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of answer.body) {
      idle.refresh();
      size += piece.length;
      if (size > maxBytes) throw new AnswerTooLong(maxBytes);
      pieces.push(piece);
    }
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity')
      throw new ExchangeFailure('LOG_ANSWER', 'the answer is compressed, which was not asked for', false);
    return Buffer.concat(pieces);
  } finally {
    clearTimeout(idle);
  }
}

/** The failure that a signal from outside brings: the time of the whole run is up, or the user ended it. */
export function stopped(signal: AbortSignal): ExchangeFailure {
  const late = (signal.reason as Error | undefined)?.name === 'TimeoutError';
  return new ExchangeFailure(
    'LOG_UNREACHABLE',
    late ? 'the time for all requests is up' : 'interrupted',
    false,
    late ? 'give it more time with --timeout' : undefined,
    { cause: signal.reason },
  );
}

function timedOut(what: string, milliseconds: number): ExchangeFailure {
  return new ExchangeFailure(
    'LOG_UNREACHABLE',
    `${what} within ${milliseconds / 1000} s`,
    false,
    'try again later, or give it more time with --timeout',
  );
}

function joinHeaders(headers: OpenAnswer['headers']): Incoming['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'object' ? value.join(', ') : value,
    ]),
  );
}
