import type { ChartFiles, NamedChart, NamedCharts } from '../chart/chart-files.ts';
import { chartsAt } from '../chart/collection.ts';
import { InputError, SigstoreError, UsageError } from '../errors.ts';
import type { Context } from '../run/context.ts';
import type { Login } from '../run/login.ts';
import type { ReferenceOption } from '../settings/option-groups.ts';
import { spellingOf } from '../settings/options.ts';
import { isUrl } from '../settings/path-value.ts';
import type { Settings } from '../settings/settings.ts';
import type { ReferencedCharts } from './referenced-charts.ts';

/** Which charts a command takes: files, also those in registries, or wherever they are. */
export type AcceptedPlaces = 'files' | 'files and registries' | 'all';

/** Finds the charts that words stand for, wherever they are. */
export class ChartWords {
  readonly #settings: Settings<ReferenceOption>;
  readonly #context: Context;
  readonly #accepted: AcceptedPlaces;
  readonly #login: Login | undefined;
  /** Loaded for those who name a chart that is elsewhere. */
  #elsewhere: Promise<ReferencedCharts> | undefined;
  /** Whether a chart that is a directory was named, for which something may be fetched. */
  #hasUnpacked = false;

  private constructor(
    settings: Settings<ReferenceOption>,
    context: Context,
    accepted: AcceptedPlaces,
    login: Login | undefined,
  ) {
    this.#settings = settings;
    this.#context = context;
    this.#accepted = accepted;
    this.#login = login;
  }

  /**
   * Does the work with charts that words stand for. What is fetched for it is gone afterwards, also if it fails.
   * @param accepted which charts the command takes; others are refused
   * @param login a user and a password that were given for the one chart of this run
   */
  static async within<Result>(
    settings: Settings<ReferenceOption>,
    context: Context,
    accepted: AcceptedPlaces,
    work: (words: ChartWords) => Promise<Result>,
    login?: Login,
  ): Promise<Result> {
    const words = new ChartWords(settings, context, accepted, login);
    try {
      return await work(words);
    } finally {
      await (await words.#elsewhere?.catch(() => undefined))?.close();
    }
  }

  /**
   * The charts that an operand stands for.
   * @param archives where the archives of an index are; undefined: beside it
   * @param takesUnpacked whether a chart that is a directory stands for the charts that it needs
   * @throws UsageError on a word that is a malformed reference, or could be a path and a reference
   */
  async chartsAt(word: string, archives?: string, takesUnpacked = false): Promise<NamedCharts> {
    const chart = await this.chartElsewhere(word);
    if (chart !== undefined) return [chart];
    const ofUnpacked = takesUnpacked ? (path: string) => this.#dependenciesOf(path) : undefined;
    return await chartsAt(word, { archives, ofUnpacked });
  }

  /** The chart elsewhere that a word stands for; undefined: it is a path. @throws UsageError as `chartsAt` does */
  async chartElsewhere(word: string): Promise<ChartFiles | undefined> {
    const repository = this.#settings.one('repo');
    if (repository !== undefined) {
      this.#requireAll('a repository');
      return (await this.#open()).inRepository(word, repository);
    }
    if (isUrl(word)) {
      if (!/^oci:/i.test(word)) this.#requireAll('another server');
      return (await this.#open()).at(word);
    }
    return this.#accepted === 'all' && mayBeRepository(word) ? await this.#inRepository(word) : undefined;
  }

  /** The chart that a line of a list stands for, which is a URL. What is wrong with it is a problem of that line. */
  async listed(line: string): Promise<NamedChart> {
    try {
      if (!/^\s*oci:/i.test(line)) this.#requireAll('another server');
      return (await this.#open()).at(line);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { label: line, problem: new InputError(error.message, error.hint) };
    }
  }

  /** @throws UsageError if an option is given that no chart takes */
  async requireUsed(): Promise<void> {
    if (this.#elsewhere !== undefined) {
      (await this.#elsewhere).requireUsed();
      return;
    }
    requireNoneFetched(this.#settings, this.#hasUnpacked);
  }

  async #dependenciesOf(path: string): Promise<NamedCharts> {
    this.#hasUnpacked = this.#accepted !== 'files';
    const [{ dependenciesOf }, { readRepositories }] = await Promise.all([
      import('../chart/unpacked-dependencies.ts'),
      import('../run/repositories.ts'),
    ]);
    return await dependenciesOf(path, {
      configured: () => readRepositories(this.#context),
      // Without a network, provenance and evidence have to be beside the archive.
      published:
        this.#accepted === 'files'
          ? undefined
          : async (dependency) => await (await this.#open()).dependency(dependency),
    });
  }

  /** @throws UsageError where only files and registries are taken */
  #requireAll(place: string): void {
    if (this.#accepted === 'files and registries')
      throw new UsageError(
        `expected a file or a chart in a registry (oci://), found a URL or a chart of ${place}`,
        'fetch the chart with its provenance first, with helm pull --prov: a publisher has the files',
      );
  }

  async #inRepository(word: string): Promise<ChartFiles | undefined> {
    const { configuredIn } = await import('../run/configured-repository.ts');
    const reference = await configuredIn(word, this.#context);
    return reference && (await (await this.#open()).configured(reference));
  }

  async #open(): Promise<ReferencedCharts> {
    if (this.#accepted === 'files')
      throw new UsageError(
        'expected files with --offline, which uses no network, found a chart that is elsewhere',
        'fetch it with helm pull --prov while there is network, with its evidence, and give that file',
      );
    this.#elsewhere ??= import('./referenced-charts.ts').then(({ ReferencedCharts }) =>
      ReferencedCharts.open(this.#settings, this.#context, this.#login),
    );
    return await this.#elsewhere;
  }
}

/** Whether a word may be `REPO/CHART`: usual paths do not make the run load what reads repositories. */
function mayBeRepository(word: string): boolean {
  return /^[A-Za-z0-9][^/]*\//.test(word) && !/\.(?:tgz|prov|ya?ml|json|gz)$/i.test(word);
}

/**
 * @param mayFetch whether something is fetched all the same, of which no version is chosen
 * @throws UsageError if an option is given that only charts take which are fetched
 */
export function requireNoneFetched(settings: Settings<ReferenceOption>, mayFetch = false): void {
  const choosing = ['version', 'repo', 'devel'] as const;
  const given = [...choosing, ...(mayFetch ? [] : (['plainHttp', 'certFile', 'keyFile'] as const))].find(
    (name) => settings.has(name),
  );
  if (given !== undefined)
    throw new UsageError(
      `${spellingOf(given)} is for charts that are fetched, but none is named`,
      'leave it out, or name the chart as a URL, REPO/CHART, CHART --repo URL or oci://HOST/CHART',
    );
}

/** The error for a run that ended before charts were named; else the same error. */
export function interruptedOr(error: unknown, { interrupted }: Pick<Context, 'interrupted'>): unknown {
  return interrupted.aborted ? new SigstoreError('UNCHECKED', 'interrupted before charts were named') : error;
}
