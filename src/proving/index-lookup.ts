import type { GatheredEntries, LogView } from '../log-view/log-view.ts';
import type { SearchQuery } from '../rekor/search-query.ts';
import type { Context } from '../run/context.ts';
import { startProgress } from '../cli/progress.ts';

/**
 * All entries that the log's index has for the query, in groups as they come in; at a terminal with a word on how
 * far it is, as there may be ten thousand.
 * @throws LogError as `LogView.search` does
 */
export async function* lookUpIndexVisibly(
  view: LogView,
  query: SearchQuery,
  context: Pick<Context, 'stderr' | 'now'>,
): AsyncGenerator<GatheredEntries> {
  const progress = startProgress(context);
  try {
    yield* view.search(query, (asked, total) => {
      progress.show(`looked at ${asked} of ${total} entries`);
    });
  } finally {
    progress.clear();
  }
}
