import type { IndexQuery, RekorClient } from '../rekor/client.ts';
import type { Gathered } from '../rekor/gathered-entry.ts';
import { lookUpIndex } from '../rekor/lookup.ts';
import type { Context } from './context.ts';
import { startProgress } from './progress.ts';

/**
 * All entries that the log's index has for the query, in groups as they come in; at a terminal with a word on how
 * far it is, as there may be ten thousand.
 * @throws LogError as `lookUpIndex` does
 */
export async function* lookUpIndexVisibly(
  client: RekorClient,
  query: IndexQuery,
  context: Pick<Context, 'stderr' | 'now'>,
): AsyncGenerator<Gathered> {
  const progress = startProgress(context);
  try {
    yield* lookUpIndex(client, query, (asked, total) => {
      progress.show(`looked at ${asked} of ${total} entries`);
    });
  } finally {
    progress.clear();
  }
}
