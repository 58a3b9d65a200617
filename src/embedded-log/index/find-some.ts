import type { IndexKey } from './index-record.ts';

/** How much is looked for at a time. */
export interface FindLimits {
  /** The log index from which on entries count. */
  readonly from?: number;
  /** The most entries that are found. */
  readonly limit?: number;
  /** The most steps: each looks for the next entry of one key. */
  readonly steps?: number;
}

/**
 * The next log indexes, in order, that any (`or`) or all (`and`) of the keys find.
 * @param next the first entry from a log index on that a key finds
 * @returns what was found, and where to go on; undefined at the end
 */
export function findSome(
  keys: readonly IndexKey[],
  operator: 'and' | 'or',
  next: (key: IndexKey, from: number) => number | undefined,
  { from = 0, limit = Infinity, steps = Infinity }: FindLimits,
): { found: number[]; from: number | undefined } {
  const found: number[] = [];
  const heads = keys.map((key) => next(key, from) ?? Infinity);
  for (let step = 0; found.length < limit && step < steps; step++) {
    const [least, most] = [Math.min(...heads), Math.max(...heads)];
    if (heads.length === 0 || (operator === 'or' ? least : most) === Infinity)
      return { found, from: undefined };
    const isFound = operator === 'or' || least === most;
    if (isFound) found.push(least);
    // Of all keys, those that are behind go to where the last one is at the least.
    const goal = isFound ? least + 1 : most;
    keys.forEach((key, at) => {
      if ((heads[at] ?? 0) < goal) heads[at] = next(key, goal) ?? Infinity;
    });
  }
  const rest = Math.min(...heads);
  return { found, from: rest === Infinity ? undefined : rest };
}
