import { LocalChart } from '../chart/local-chart.ts';
import { parseSha256, type Sha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError, UsageError } from '../errors.ts';
import type { SearchQuery } from '../rekor/search-query.ts';
import type { Context } from '../run/context.ts';
import type { ReferenceOption } from '../settings/option-groups.ts';
import { isUrl } from '../settings/path-value.ts';
import type { Settings } from '../settings/settings.ts';
import { ChartWords, requireNoneFetched } from './chart-words.ts';

/** Options that say what is searched for, beside the operand. */
export const QUERY_OPTIONS = ['sha256', 'email', 'searchKey'] as const;

/** What a command line searches for. */
export interface WantedQuery {
  readonly query: SearchQuery;
  /** The same in words. */
  readonly about: string;
}

/**
 * What to search for. Files are read when the returned function is called.
 * @throws UsageError, at once, if not exactly one thing is named, or it is no such thing
 */
export function wantedQuery(
  chart: string | undefined,
  settings: Settings<(typeof QUERY_OPTIONS)[number] | ReferenceOption>,
  context: Context,
): () => Promise<WantedQuery> {
  const sha256 = settings.one('sha256');
  const email = settings.one('email');
  const key = settings.one('searchKey');
  const given = [chart, sha256, email, key].filter((value) => value !== undefined);
  if (given.length !== 1)
    throw new UsageError(
      `one chart, --sha256, --email or --public-key is expected, found ${given.length === 0 ? 'none' : given.length}`,
    );
  if (chart === undefined) requireNoneFetched(settings);
  if (sha256 !== undefined) {
    const query = { sha256: digestOf(sha256) };
    return () => Promise.resolve({ query, about: `sha256:${query.sha256}` });
  }
  if (email !== undefined) {
    if (!/^[^@\s]+@[^@\s]+$/.test(email) || isUrl(email))
      throw new UsageError(`--email expects an e-mail address, found ${excerpt(email)}`);
    return () => Promise.resolve({ query: { email }, about: email });
  }
  if (key !== undefined) return async () => ({ query: await keyQuery(key, context), about: key });
  return async () => {
    const { name, sha256 } = await archiveNamed(chart ?? '', settings, context);
    return { query: { sha256 }, about: `${name} (sha256:${sha256})` };
  };
}

/** The archive that a word stands for. Only the digest of it is needed, so what was fetched is gone already. */
async function archiveNamed(
  word: string,
  settings: Settings<ReferenceOption>,
  context: Context,
): Promise<{ readonly name: string; readonly sha256: Sha256 }> {
  return await ChartWords.within(settings, context, 'all', async (words) => {
    const chart = await words.chartElsewhere(word);
    await words.requireUsed();
    const { name, sha256 } = await (await (chart ?? new LocalChart(word)).archive()).read();
    return { name: chart?.label ?? name, sha256 };
  });
}

/** What reads keys is loaded where one is named. */
async function keyQuery(path: string, { interrupted }: Pick<Context, 'interrupted'>): Promise<SearchQuery> {
  return await (await import('./key-query.ts')).queryByKeyFile(path, interrupted);
}

function digestOf(text: string): string {
  try {
    return parseSha256(text.replace(/^sha256:/i, '').toLowerCase());
  } catch (thrown) {
    if (thrown instanceof MalformedError)
      throw new UsageError(`--sha256 expects 64 hexadecimal digits, found ${excerpt(text)}`);
    throw thrown;
  }
}
