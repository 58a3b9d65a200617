import { LogError } from '../errors.ts';
import { ENTRIES_A_REQUEST, type RekorClient, type Retrieved } from '../rekor/client.ts';
import type { SearchQuery } from '../rekor/search-query.ts';
import type { EntryId, EntrySource } from '../tlog/logged-entry.ts';
import type { GatheredEntries } from './log-view.ts';

const REQUESTS_AT_A_TIME = 4;
/** More answers of the index than this are not looked at: somebody is flooding the log. */
const MAX_INDEX_ANSWERS = 10_000;

/** What the log has of these leaf hashes, at most ten; it leaves out those that it does not have. */
export async function lookUpLeaves(
  client: RekorClient,
  leafHashes: readonly string[],
): Promise<GatheredEntries> {
  return gatheredFrom(await client.retrieve(leafHashes), leafHashes, 'predicted');
}

/**
 * The entry with one of these leaf hashes, which the log says that it has, perhaps under an ID of its own. It may be a
 * moment before it shows an entry: one that somebody else sends just now is in no tree yet.
 */
export async function lookUpExisting(
  client: RekorClient,
  leafHashes: readonly string[],
  id: EntryId | undefined,
): Promise<GatheredEntries> {
  // An older log may have stored it in another form than the one that was predicted.
  const isOther = id !== undefined && !leafHashes.includes(id.leafHash);
  const wanted = [...leafHashes, ...(isOther ? [id.text] : [])];
  for (const wait of INTEGRATION_WAITS) {
    const found = await lookUpLeaves(client, wanted);
    if (found.entries.length + found.unreadable.length > 0) return found;
    await client.pause(wait);
  }
  return await lookUpLeaves(client, wanted);
}

/** Milliseconds, three seconds in all: the public log needs less. */
const INTEGRATION_WAITS = [200, 400, 800, 1600];

/**
 * All entries that the log's index has for the query, in groups as they come in.
 * @param onProgress told how many of how many entries were asked for
 * @param isWanted whether an entry that the index names is asked for
 * @throws LogError when there are more than ten thousand, or an answer makes no sense.
 */
export async function* lookUpIndex(
  client: RekorClient,
  query: SearchQuery,
  onProgress: (asked: number, total: number) => void = () => undefined,
  isWanted: (id: EntryId) => boolean = () => true,
): AsyncGenerator<GatheredEntries> {
  const ids = (await client.searchIndex(query)).filter(isWanted).map(({ text }) => text);
  if (ids.length > MAX_INDEX_ANSWERS)
    throw new LogError(
      'LOG_ANSWER',
      `the index of ${client.url} names ${ids.length} entries, more than the ${MAX_INDEX_ANSWERS} that are looked at`,
    );
  let atATime = REQUESTS_AT_A_TIME;
  for (let asked = 0; asked < ids.length;) {
    const group = groupsOf(ids.slice(asked, asked + atATime * ENTRIES_A_REQUEST), ENTRIES_A_REQUEST);
    const answers = await Promise.all(group.map((some) => client.retrieveTogether(some)));
    // Entries that are very long come one by one, so that one at a time is in memory.
    atATime = answers.includes(undefined) ? 1 : REQUESTS_AT_A_TIME;
    for (const some of group) {
      const together = answers.shift();
      if (together !== undefined) yield gatheredFrom(together, some, 'index');
      else for (const id of some) yield gatheredFrom(await client.retrieveOne(id), [id], 'index');
    }
    asked += group.flat().length;
    onProgress(asked, ids.length);
  }
}

function gatheredFrom(retrieved: Retrieved, asked: readonly string[], source: EntrySource): GatheredEntries {
  const { entries, unreadable, answeredAt } = retrieved;
  return { entries: entries.map((entry) => ({ entry, asked, answeredAt, source })), unreadable };
}

function groupsOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, group) =>
    items.slice(group * size, (group + 1) * size),
  );
}
