import { isIndex } from '../chart/local/collection.ts';
import type { NamedChart, NamedCharts } from '../chart/chart-files.ts';
import { UsageError } from '../errors.ts';
import type { Context } from '../run/context.ts';
import type { ChartOption, ReferenceOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { Reaching } from './reaching.ts';
import { ChartWords, interruptedOr, type AcceptedPlaces } from './chart-words.ts';

/** For the help of a command that takes charts. */
export const NAMING_CHARTS =
  'A folder stands for the *.tgz in it, the index.yaml of a repository for all versions in it: each ' +
  'has to be signed as NAME-VERSION.tgz, and to have the digest that the index says.';

/** For the help of a command that takes charts which are elsewhere. */
export const REFERRING_TO_CHARTS =
  'A chart may also be a URL, REPO/CHART of a repository that helm repo add knows, CHART with --repo, or ' +
  'oci://HOST/PATH/NAME:VERSION. It is fetched with its provenance, and what its name and version say has to be what is signed.';

/** How charts are named, beyond the words and options for that. */
export interface Naming {
  /** The file name that the user says was signed, which can be that of one chart alone. */
  readonly signedName?: string | undefined;
  /** Which charts the command takes; by default all. */
  readonly accepted?: AcceptedPlaces;
  /** Whether a chart that is a directory stands for the charts that it needs. */
  readonly takesUnpacked?: boolean | undefined;
  /** How charts are reached that are elsewhere. */
  readonly reaching?: Reaching | undefined;
}

/**
 * Does the work with the charts that a command line names, in its order, those of `--from-file` last. One that is named
 * twice is there twice. What is fetched for the work is gone afterwards, also if it fails.
 * @throws UsageError if it names none, or if options do not fit what is named
 * @throws InputError if the list of `--from-file` cannot be read
 */
export async function withCharts<Result>(
  operands: readonly string[],
  settings: Settings<ChartOption | ReferenceOption>,
  context: Context,
  { signedName, accepted = 'all', takesUnpacked = false, reaching }: Naming,
  work: (charts: NamedCharts) => Promise<Result>,
): Promise<Result> {
  const list = settings.one('fromFile');
  const archives = settings.one('chartsDir');
  if (operands.length === 0 && list === undefined)
    throw new UsageError(
      'expected <chart>, found none',
      '--help after the command shows what it takes; --from-file names a list of charts',
    );
  if (archives !== undefined && !operands.some(isIndex))
    throw new UsageError('--charts-dir is where the archives of an index.yaml are, but none was given');
  const useWords = async (words: ChartWords) => {
    const parts: NamedCharts[] = [];
    for (const operand of operands) parts.push(await words.chartsAt(operand, archives, takesUnpacked));
    if (list !== undefined) parts.push(await chartsOfList(list, context, words));
    await words.requireUsed();
    const named = inOneList(parts);
    if (named.length > 1 && signedName !== undefined)
      throw new UsageError('--as names one file, but several charts were given');
    return await work(named);
  };
  return await ChartWords.within(settings, context, accepted, useWords, reaching);
}

/** Each goes on where the one before ends. */
function inOneList(parts: readonly NamedCharts[]): NamedCharts {
  return {
    length: parts.reduce((length, part) => length + part.length, 0),
    *[Symbol.iterator]() {
      for (const part of parts) yield* part;
    },
  };
}

async function chartsOfList(list: string, context: Context, words: ChartWords): Promise<NamedCharts> {
  const { stdin, interrupted } = context;
  // The reader of lists is loaded for those who name one.
  const { chartsListedIn, readPathList } = await import('../chart/local/path-list.ts');
  let named: readonly NamedChart[];
  try {
    named = await (list === '-'
      ? readPathList(stdin(), 'standard input')
      : chartsListedIn(list, interrupted));
  } catch (error) {
    throw interruptedOr(error, context);
  }
  if (!named.some(({ label }) => words.mayBeElsewhere(label))) return named;
  const charts: NamedChart[] = [];
  for (const chart of named)
    charts.push(words.mayBeElsewhere(chart.label) ? await words.listed(chart) : chart);
  return charts;
}
