import type { AnswerHead } from './exchange.ts';

/** How often a request is tried at most. */
export const MAX_TRIES = 4;

/** The longest `Retry-After` that is waited for, in milliseconds; a server that wants more is asked no more. */
export const MAX_RETRY_AFTER = 10_000;

const FIRST_BACKOFF = 500;

/** Whether an answer with this status may be another one a moment later: 408, 429 and 5xx, but not 501. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}

/** Milliseconds to wait after the `tries`th failure: full jitter below a limit that doubles each time. */
export function backoff(tries: number, random: () => number): number {
  return random() * FIRST_BACKOFF * 2 ** (tries - 1);
}

/**
 * Milliseconds that the answer's `Retry-After` asks to wait (RFC 9110 10.2.3); a date counts from the answer's
 * own `Date`. Undefined if the header is missing or cannot be read.
 */
export function retryAfter({ headers }: AnswerHead): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(headers['date'] ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
