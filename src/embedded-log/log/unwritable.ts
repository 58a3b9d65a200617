import { formatTime } from '../../encoding.ts';
import { messageOf } from '../../errors.ts';

/** The log accepts no entries at present, but answers everything else. The message tells the client why. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable';
}

/**
 * How many seconds the clock may be behind the newest entry. Within them, new entries get that entry's time.
 */
const CLOCK_TOLERANCE = 60;

/**
 * The time of the next entries, in seconds since 1970. It is never before that of an earlier entry: clients
 * that compare the two would accuse the log of forgery.
 * @throws Unwritable when the clock is further behind than a usual correction: with a time so far in the
 * future, honest charts would fail
 */
export function timeOfCommit(now: number, newest: number): number {
  if (now + CLOCK_TOLERANCE < newest)
    throw new Unwritable(
      `the clock of the log, ${formatTime(now)}, is behind its newest entry, of ${formatTime(newest)}`,
    );
  return Math.max(now, newest);
}

/** Why the file system did not take what was to be written, in its own words: `no space left on device`. */
export function unwritable(error: unknown): Unwritable {
  if (error instanceof Unwritable) return error;
  const message = messageOf(error);
  // Node writes `ENOSPC: no space left on device, write`.
  const words = /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
  return new Unwritable(`the log cannot write: ${words}`, { cause: error });
}
