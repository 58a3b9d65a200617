import { formatTime } from '../encoding.ts';
import { failed, passed, type CheckResult } from './checks.ts';

/** Clocks of log, publisher and user may differ by this many seconds. */
export const CLOCK_TOLERANCE = 300;

/** A moment when a tree was seen with this many leaves: all further leaves are younger. */
export interface Sighting {
  /**
   * Leaves. Zero or negative if the tree was not there yet, while another one of its log was still growing.
   */
  readonly size: number;
  /** Seconds since 1970, by the user's own clock. */
  readonly seen: number;
}

/** The times that an entry's own is compared with, all in seconds since 1970. */
export interface KnownTimes {
  /** When its signature says that it was made. */
  readonly signed: number;
  readonly now: number;
  /** When this user saw the tree, in its own indexes. */
  readonly sightings: readonly Sighting[];
}

/**
 * Whether the time of an entry, at this index of its tree, can be true: neither in the future, nor before its
 * signature, nor before a moment when the tree was seen without it.
 */
export function checkLogTime(
  { integratedTime, index }: { readonly integratedTime: number; readonly index: number },
  { signed, now, sightings }: KnownTimes,
): CheckResult<undefined> {
  const found = formatTime(integratedTime);
  if (integratedTime > now + CLOCK_TOLERANCE)
    return failed('the integrated time is in the future', {
      expected: `not after ${formatTime(now)}`,
      found,
      hint: 'set the clock of this machine; if it is right, the clock of the log is not: tell its operator',
    });
  if (integratedTime < signed - CLOCK_TOLERANCE)
    return failed('the entry is said to be older than the signature in it', {
      expected: `not before ${formatTime(signed)}`,
      found,
    });
  const unborn = Math.max(
    -Infinity,
    ...sightings.filter(({ size }) => size <= index).map(({ seen }) => seen),
  );
  if (integratedTime < unborn - CLOCK_TOLERANCE)
    return failed('the entry is said to be older than a moment when its tree was seen without it', {
      expected: `not before ${formatTime(unborn)}`,
      found,
      hint: 'ask those who run the log: either it dates entries back, or it once gave an old answer, and helm sigstore state clear forgets that',
    });
  return passed(`logged at ${found}, signed at ${formatTime(signed)}`);
}
