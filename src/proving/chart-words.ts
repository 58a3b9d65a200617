import { hasFiles, type ChartFiles, type NamedChart, type NamedCharts } from '../chart/chart-files.ts';
import { chartsAt } from '../chart/local/collection.ts';
import { InputError, SigstoreError, UsageError } from '../errors.ts';
import type { Context } from '../run/context.ts';
import type { ReferenceOption } from '../settings/option-groups.ts';
import { spellingOf } from '../settings/options.ts';
import { isUrl } from '../settings/path-value.ts';
import type { Settings } from '../settings/settings.ts';
import type { Reaching } from './reaching.ts';
import type { ReferencedCharts } from './referenced-charts.ts';

/** Which charts a command takes: files, also those in registries, or wherever they are. */
export type AcceptedPlaces = 'files' | 'files and registries' | 'all';

/** Finds the charts that words stand for, wherever they are. */
export class ChartWords {
  readonly #settings: Settings<ReferenceOption>;
  readonly #context: Context;
  readonly #accepted: AcceptedPlaces;
  readonly #reaching: Reaching | undefined;
  /** Loaded for those who name a chart that is elsewhere. */
  #elsewhere: Promise<ReferencedCharts> | undefined;
  /** The bytes of the file that lists the repositories of the user; read once. */
  #repositoryList: Promise<Uint8Array | undefined> | undefined;
  /** Whether a chart that is a directory was named, for which something may be fetched. */
  #hasUnpacked = false;

  private constructor(
    settings: Settings<ReferenceOption>,
    context: Context,
    accepted: AcceptedPlaces,
    reaching: Reaching | undefined,
  ) {
    this.#settings = settings;
    this.#context = context;
    this.#accepted = accepted;
    this.#reaching = reaching;
  }

  /**
   * Does the work with charts that words stand for. What is fetched for it is gone afterwards, also if it fails.
   * @param accepted which charts the command takes; others are refused
   */
  static async within<Result>(
    settings: Settings<ReferenceOption>,
    context: Context,
    accepted: AcceptedPlaces,
    work: (words: ChartWords) => Promise<Result>,
    reaching?: Reaching,
  ): Promise<Result> {
    const words = new ChartWords(settings, context, accepted, reaching);
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
      if (!/^\s*oci:/i.test(word)) this.#requireAll('another server');
      return (await this.#open()).at(word);
    }
    return mayBeRepository(word) ? await this.#inRepository(word) : undefined;
  }

  /** Whether a line of a list may stand for a chart that is elsewhere. */
  mayBeElsewhere(line: string): boolean {
    return this.#settings.one('repo') !== undefined || isUrl(line) || mayBeRepository(line);
  }

  /** The chart that a line of a list stands for, as a word does. What is wrong with it is a problem of that line. */
  async listed(chart: NamedChart): Promise<NamedChart> {
    const { label } = chart;
    try {
      return (hasFiles(chart) && (await this.chartElsewhere(label))) || chart;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { label, problem: new InputError(error.message, error.hint) };
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
      import('../chart/dependencies/unpacked-dependencies.ts'),
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
    const { configuredIn, repositoryList } = await import('../run/configured-repository.ts');
    this.#repositoryList ??= repositoryList(this.#context);
    // Where no such chart is taken, the word is a path if there is one.
    const reference = await configuredIn(
      word,
      await this.#repositoryList,
      this.#context,
      this.#accepted !== 'all',
    );
    if (reference === undefined) return undefined;
    if (this.#accepted !== 'all') {
      const { readRepositories } = await import('../run/repositories.ts');
      const repositories = await readRepositories(this.#context);
      if (!repositories.some(({ name }) => name === reference.repository)) return undefined;
      this.#requireAll('a repository');
    }
    return await (await this.#open()).configured(reference);
  }

  async #open(): Promise<ReferencedCharts> {
    if (this.#accepted === 'files')
      throw new UsageError(
        'expected files with --offline, which uses no network, found a chart that is elsewhere',
        'fetch it with helm pull --prov while there is network, with its evidence, and give that file',
      );
    this.#elsewhere ??= import('./referenced-charts.ts').then(({ ReferencedCharts }) =>
      ReferencedCharts.open(this.#settings, this.#context, this.#reaching),
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
