import { isLoopback } from '../http/base-url.ts';
import { CLOCK_TOLERANCE } from '../verification/log-time.ts';

/**
 * The time of a sighting in seconds since 1970: the earlier one of two clocks that agree, as a moment that is too late
 * would accuse honest entries. Undefined where they do not, or where the answer may not be the server's own.
 * @param now by the user's clock
 * @param answeredAt by the server's; undefined where it does not say
 */
export function sightedAt(server: string, now: number, answeredAt: number | undefined): number | undefined {
  if (!isAuthentic(server)) return undefined;
  if (answeredAt === undefined || Math.abs(now - answeredAt) > CLOCK_TOLERANCE) return undefined;
  return Math.min(now, answeredAt);
}

/** Whether an answer of this server is its own: anybody on the way could send an old one as if it were of today. */
export function isAuthentic(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'https:' || isLoopback(hostname);
}

/** When a checkpoint was shown, and by whom. */
export interface Shown {
  /** In seconds since 1970, by the clock of the log; undefined if it did not say. */
  readonly at: number | undefined;
  /** The URL of the server; undefined: none did, it was in a file. */
  readonly by: string | undefined;
}

/** By nobody: it was in a file, or it is known from elsewhere. */
export const NOT_SHOWN: Shown = { at: undefined, by: undefined };

/** The time of a sighting, as `sightedAt`; none of what no server showed. */
export function shownAt({ at, by }: Shown, now: number): number | undefined {
  return by === undefined ? undefined : sightedAt(by, now, at);
}
