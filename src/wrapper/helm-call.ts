import { basename } from 'node:path';
import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import type { HelmVerb } from './helm-verb.ts';
import type { HelmOption, HelmWords } from './helm-words.ts';
import { isSet, lastOf, SourceWords, takesOut } from './source-words.ts';

/** A command line for a verb of Helm that was understood. */
export interface HelmCall {
  /** The verb; of `show` with what is shown. */
  readonly verb: readonly string[];
  /** The options for Helm beside an archive that was verified, in their order. */
  readonly besideArchive: readonly HelmOption[];
  /** The options for Helm beside a directory: also those of servers, for the charts that it needs. */
  readonly besideDirectory: readonly HelmOption[];
  /** What stands before the chart: the name of the release. */
  readonly names: readonly string[];
  /** As the user named them: one, but of `pull`. */
  readonly charts: readonly string[];
  /** What chooses the chart, and how its server is spoken to. */
  readonly source: SourceWords;
  /** Where `pull` puts the files. */
  readonly destination: string;
  /** Whether Helm would fetch the charts that this one needs. */
  readonly updatesDependencies: boolean;
}

/**
 * Finds the chart among the words for a verb.
 * @param verb with what is shown, of `show`
 * @throws UsageError where the words cannot be understood with certainty, or must not pass
 */
export function helmCall(verb: readonly string[], { options, positionals }: HelmWords): HelmCall {
  const [name] = verb as [HelmVerb];
  for (const refused of HELMS_OWN)
    if (options.some((option) => option.name === refused))
      throw new UsageError(
        `--${refused} is read by Helm itself, and has no place here`,
        'put it before sigstore, or use the variable of Helm',
      );
  if (isSet(options, 'untar'))
    throw new UsageError(
      'pull --untar is refused: what is unpacked is no longer what was signed',
      'pull the archive, and unpack it with tar',
    );
  const { names, charts } = placesIn(name, positionals, options);
  if (charts.includes('')) throw new UsageError('expected a chart, found an empty word', EMPTY);
  return {
    verb,
    besideArchive: options.filter((option) => !takesOut(option)),
    besideDirectory: options.filter(({ name }) => !['verify', 'keyring'].includes(name)),
    names,
    charts,
    source: SourceWords.in(options),
    destination: lastOf(options, 'destination') ?? '.',
    updatesDependencies: isSet(options, 'dependency-update'),
  };
}

/**
 * The words that Helm is called with. Each option is one word with its value, and all positionals stand behind `--`, so that
 * Helm divides them exactly as they were divided here.
 * @param options those of the call that stand beside such a chart
 * @param chart the path in place of the reference
 */
export function wordsForHelm(
  { verb, names }: Pick<HelmCall, 'verb' | 'names'>,
  options: readonly HelmOption[],
  chart: string,
): string[] {
  const written = options.map(({ name, value }) =>
    value === undefined ? `--${name}` : `--${name}=${value}`,
  );
  return [...verb, ...written, '--', ...names, chart];
}

/**
 * What the copy of a chart is called, so that `--generate-name`, which takes the name of the file up to its first dot,
 * gives the name that it would give the reference.
 */
export function copyNameOf(reference: string): string {
  const [name = ''] = basename(reference).split('.');
  return `${name}.tgz`;
}

/** Whether the user only asks for the help of Helm. @throws UsageError on a value for it */
export function asksHelp({ options }: Pick<HelmWords, 'options'>): boolean {
  const help = options.filter(({ name }) => name === 'help');
  if (help.some(({ value }) => value !== undefined))
    throw new UsageError('--help takes no value here', 'write --help alone, or leave it out');
  return help.length > 0;
}

/** Helm takes these from a command line before it calls a plugin, and says them in variables. */
const HELMS_OWN: readonly string[] = [
  'registry-config',
  'repository-cache',
  'repository-config',
  'kube-insecure-skip-tls-verify',
];

const EMPTY = 'look for a variable that is empty';

function placesIn(
  verb: HelmVerb,
  positionals: readonly string[],
  options: readonly HelmOption[],
): Pick<HelmCall, 'names' | 'charts'> {
  const found = positionals.length;
  if (verb === 'pull') {
    if (found === 0) throw expected(verb, 'at least one chart', found);
    return { names: [], charts: positionals };
  }
  if (verb === 'show') {
    if (found !== 1) throw expected(verb, 'one chart', found);
    return { names: [], charts: positionals };
  }
  const isNamed = found === 2;
  const mayLackName = verb !== 'upgrade';
  if (!isNamed && !(found === 1 && mayLackName))
    throw expected(verb, mayLackName ? 'a name and a chart, or a chart' : 'a name and a chart', found);
  const makesName = isSet(options, 'generate-name') || (lastOf(options, 'name-template') ?? '') !== '';
  if (isNamed && makesName)
    throw new UsageError('expected a chart alone with --generate-name or --name-template, found a name too');
  if (!isNamed && !makesName && verb === 'install')
    throw new UsageError(
      `expected a name and a chart, found ${excerpt(positionals[0] ?? '')} alone`,
      'name the release before the chart; helm install --generate-name makes a name',
    );
  return { names: positionals.slice(0, -1), charts: positionals.slice(-1) };
}

function expected(verb: string, what: string, found: number): UsageError {
  const words = found === 1 ? '1 word that is no option' : `${found} words that are no options`;
  return new UsageError(
    `expected ${what} behind ${verb}, found ${found === 0 ? 'no chart' : words}`,
    'the value of an option such as --dry-run stands behind "="; Helm drops an empty word, and the word after it',
  );
}
