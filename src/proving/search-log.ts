import { LogError, NotFoundError } from '../errors.ts';
import type { RunContext } from '../run/context.ts';
import type { OpenedLog } from '../run/log.ts';
import type { Check } from '../verification/checks.ts';
import { checkConsistency } from '../verification/consistency.ts';
import { FoundEntries } from '../verification/found-entries.ts';
import { judgeFound } from '../verification/found-entry.ts';
import { checkOf } from '../verification/make-checks.ts';
import type { SearchQuery } from '../rekor/search-query.ts';
import { conflictNow } from './asked-log.ts';
import { lookUpIndexVisibly } from './index-lookup.ts';

/** What a search came to. */
export interface SearchFindings {
  readonly found: FoundEntries;
  /** How many answers could not be read as entries. */
  readonly unreadable: number;
  /** Where the log says that it has no entry: the failed check of what contradicts what was seen of it before. */
  readonly conflict: Check | undefined;
}

/**
 * Judges all entries that the log's index has for the query, as far as they can be judged without a chart, and without
 * a trusted key not at all.
 * @throws LogError when the log does not answer, or its answer makes no sense
 */
export async function searchLog(
  query: SearchQuery,
  log: OpenedLog,
  context: RunContext,
): Promise<SearchFindings> {
  const found = new FoundEntries();
  let unreadable = 0;
  const view = log.connect();
  for await (const group of lookUpIndexVisibly(view, query, context)) {
    for (const returned of group.entries) {
      const trusted = log.trusted && (await log.trustedFor(returned.entry.logId));
      const past = trusted && (await log.history.pastOf(returned, { log: trusted, view }));
      found.add(await judgeFound(returned, trusted && past && { log: trusted, past }));
    }
    unreadable += group.unreadable.length;
  }
  const past = found.count === 0 ? await conflictNow({ log, view }) : undefined;
  return { found, unreadable, conflict: past && checkOf('consistency', checkConsistency(past)) };
}

/**
 * Whether there is something to show, or to accuse the log of.
 * @param about what was searched for, in words
 * @throws NotFoundError if the log has nothing
 * @throws LogError if it has nothing that can be read as an entry
 */
export function requireEntry(
  { found, unreadable, conflict }: SearchFindings,
  about: string,
  server: string,
): void {
  if (found.count > 0 || conflict !== undefined) return;
  throw unreadable === 0
    ? new NotFoundError(`no entry for ${about} in ${server}`, NOT_FOUND_HINT)
    : new LogError('LOG_ANSWER', `${server} has nothing for ${about} that can be read as an entry`);
}

const NOT_FOUND_HINT =
  'the index may know less than the log, and a Rekor v2 has none: helm sigstore verify says whether a chart is proven, also by a bundle beside it';
