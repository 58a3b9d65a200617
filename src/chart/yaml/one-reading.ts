import { excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { foldAsGo } from '../../go-names.ts';

/**
 * Refuses an object that Helm could read in another way. Helm reads it with Go's reader of JSON, which
 * ignores the case of names, takes the last of members with one name, and merges others in for "<<". Ours
 * does none of this.
 * @param names of all members; a member that is there twice is named twice
 * @param counting the members that are read, as Helm writes them
 * @throws MalformedError if a member is there twice, in whatever case, if one that is read is written in
 * another way, or if others are merged in
 */
export function requireOneReading(names: Iterable<string>, counting: readonly string[]): void {
  const counted = new Set(counting.map(foldAsGo));
  const seen = new Set([MERGE]);
  for (const name of names) {
    const folded = foldAsGo(name);
    if (seen.has(folded) || (counted.has(folded) && !counting.includes(name))) throw twoWays(name);
    seen.add(folded);
  }
}

/** The same for a mapping whose names are free: each of them counts, and so does its case. */
export function requireNoMerge(name: string): void {
  if (name === MERGE) throw twoWays(name);
}

const MERGE = '<<';

function twoWays(name: string): MalformedError {
  return new MalformedError(`the member ${excerpt(name)} can be read in two ways`);
}
