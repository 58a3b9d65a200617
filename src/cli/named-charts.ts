import { chartsAt, chartsListedIn, isIndex } from '../chart/collection.ts';
import type { NamedChart } from '../chart/named-chart.ts';
import { readPathList } from '../chart/path-list.ts';
import { SigstoreError, UsageError } from '../errors.ts';
import type { Context } from './context.ts';
import type { Settings } from './settings.ts';

/** For the help of a command that takes charts. */
export const NAMING_CHARTS =
  'A folder stands for the *.tgz in it, the index.yaml of a repository for all versions in it: each\n' +
  'has to be signed as NAME-VERSION.tgz, and to have the digest that the index says.';

/**
 * The charts that a command line names, in its order, those of `--from-file` last. One that is named twice is there
 * twice.
 * @throws UsageError if it names none, or if options do not fit what is named
 * @throws InputError if the list of `--from-file` cannot be read
 */
export async function namedCharts(
  operands: readonly string[],
  settings: Settings,
  context: Context,
): Promise<readonly NamedChart[]> {
  const list = settings.one('fromFile');
  const archives = settings.one('chartsDir');
  if (operands.length === 0 && list === undefined)
    throw new UsageError(
      'expected <chart>, found none',
      '--help after the command shows what it takes; --from-file names a list of charts',
    );
  if (archives !== undefined && !operands.some(isIndex))
    throw new UsageError('--charts-dir is where the archives of an index.yaml are, but none was given');
  const groups: (readonly NamedChart[])[] = [];
  for (const operand of operands) groups.push(await chartsAt(operand, archives));
  if (list !== undefined) groups.push(await chartsOfList(list, context));
  const named = groups.flat();
  if (named.length > 1 && settings.one('as') !== undefined)
    throw new UsageError('--as names one file, but several charts were given');
  return named;
}

async function chartsOfList(list: string, { stdin, interrupted }: Context): Promise<readonly NamedChart[]> {
  if (list !== '-') return await chartsListedIn(list);
  try {
    return await readPathList(stdin(), 'standard input');
  } catch (error) {
    throw interrupted.aborted
      ? new SigstoreError('UNCHECKED', 'interrupted before charts were named')
      : error;
  }
}
