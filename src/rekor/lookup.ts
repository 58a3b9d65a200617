import { setTimeout } from 'node:timers/promises';
import { LogError } from '../errors.ts';
import { ENTRIES_A_REQUEST, type IndexQuery, type RekorClient } from './client.ts';
import type { EntryId } from './entry-id.ts';
import type { EntrySource, Gathered } from './gathered-entry.ts';

const REQUESTS_AT_A_TIME = 4;
/** More answers of the index than this are not looked at: somebody is flooding the log. */
const MAX_INDEX_ANSWERS = 10_000;

/** What the log has of these leaf hashes, at most ten; it leaves out those that it does not have. */
export async function lookUpLeaves(client: RekorClient, leafHashes: readonly string[]): Promise<Gathered> {
  return await lookUp(client, leafHashes, 'predicted');
}

/**
 * The entry of this ID, which the log says that it has. It may be a moment before it shows an entry: one that somebody
 * else sends just now is in no tree yet.
 */
export async function lookUpExisting(client: RekorClient, { text }: EntryId): Promise<Gathered> {
  for (const wait of INTEGRATION_WAITS) {
    const found = await lookUpLeaves(client, [text]);
    if (found.entries.length + found.unreadable.length > 0) return found;
    await setTimeout(wait);
  }
  return await lookUpLeaves(client, [text]);
}

/** Milliseconds, three seconds in all: the public log needs less. */
const INTEGRATION_WAITS = [200, 400, 800, 1600];

/**
 * All entries that the log's index has for the query, in groups as they come in.
 * @param onProgress told how many of how many entries were asked for
 * @throws LogError when there are more than ten thousand, or an answer makes no sense.
 */
export async function* lookUpIndex(
  client: RekorClient,
  query: IndexQuery,
  onProgress: (asked: number, total: number) => void = () => undefined,
): AsyncGenerator<Gathered> {
  const ids = (await client.searchIndex(query)).map(({ text }) => text);
  if (ids.length > MAX_INDEX_ANSWERS)
    throw new LogError(
      'LOG_ANSWER',
      `the index of ${client.url} names ${ids.length} entries, more than the ${MAX_INDEX_ANSWERS} that are looked at`,
    );
  let asked = 0;
  for (const group of groupsOf(groupsOf(ids, ENTRIES_A_REQUEST), REQUESTS_AT_A_TIME)) {
    yield* await Promise.all(group.map((some) => lookUp(client, some, 'index')));
    asked += group.flat().length;
    onProgress(asked, ids.length);
  }
}

async function lookUp(client: RekorClient, asked: readonly string[], source: EntrySource): Promise<Gathered> {
  const { entries, unreadable, answeredAt } = await client.retrieve(asked);
  return { entries: entries.map((entry) => ({ entry, asked, answeredAt, source })), unreadable };
}

function groupsOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, group) =>
    items.slice(group * size, (group + 1) * size),
  );
}
