import type { ChartFiles } from '../chart/chart-files.ts';
import type { Fetching } from '../chart/fetch/fetching.ts';
import type { LockedDependency } from '../chart/dependencies/locked-chart.ts';
import type { RegistryFetching } from '../chart/fetch/attached-evidence.ts';
import { ociChart } from '../chart/fetch/oci-chart.ts';
import { otherSpelling, requireSameVersion, tagOf } from '../chart/fetch/tagged-version.ts';
import { pulledChart } from '../chart/fetch/pulled-chart.ts';
import {
  parseReference,
  parseRepositoryUrl,
  type OciReference,
  type ReferenceOptions,
  type RepositoryReference,
  type RepositoryUrlReference,
  type SchemeReference,
} from '../chart/fetch/reference.ts';
import type { Repository } from '../chart/fetch/repositories.ts';
import { urlChart } from '../chart/fetch/url-chart.ts';
import { InputError, UsageError } from '../errors.ts';
import { ChartServers } from '../run/chart-servers.ts';
import type { Context } from '../run/context.ts';
import { wordsOfLogin } from '../run/login.ts';
import type { ReferenceOption } from '../settings/option-groups.ts';
import { spellingOf } from '../settings/options.ts';
import type { Settings } from '../settings/settings.ts';
import { referenceOfLocked } from './locked-reference.ts';
import { pullByHelm, pullOfConfigured, pullOfNamed, pullOfRegistry, type UnversionedPull } from './pulls.ts';
import type { Reaching } from './reaching.ts';
import { wantedVersion, type WantedVersion } from './wanted-version.ts';

/** The charts of a run that are elsewhere. */
export class ReferencedCharts {
  readonly #settings: Settings<ReferenceOption>;
  readonly #context: Context;
  readonly #servers: ChartServers;
  readonly #fetching: Fetching;
  readonly #wanted: WantedVersion;
  readonly #reaching: Reaching;
  #takesVersion = false;

  private constructor(
    settings: Settings<ReferenceOption>,
    context: Context,
    servers: ChartServers,
    reaching: Reaching,
  ) {
    this.#settings = settings;
    this.#reaching = reaching;
    this.#context = context;
    this.#servers = servers;
    this.#fetching = servers.fetching();
    this.#wanted = wantedVersion(settings);
  }

  /**
   * @throws InputError or UsageError on files and options that cannot be used
   */
  static async open(
    settings: Settings<ReferenceOption>,
    context: Context,
    reaching: Reaching = {},
  ): Promise<ReferencedCharts> {
    const servers = await ChartServers.open(settings, context, reaching.login);
    return new ReferencedCharts(settings, context, servers, reaching);
  }

  get #options(): ReferenceOptions {
    return { plainHttp: this.#settings.has('plainHttp') };
  }

  /** Closes connections, and removes what was fetched. */
  async close(): Promise<void> {
    await this.#servers.close();
  }

  /** The chart that a word with a scheme stands for. @throws UsageError on what is no reference */
  at(word: string): ChartFiles {
    return this.#chartOf(parseReference(word, this.#options));
  }

  /** The chart of this name in the repository of `--repo`. @throws UsageError if one of them is malformed */
  inRepository(name: string, repository: string): ChartFiles {
    return this.#inNamedRepository(parseRepositoryUrl(name, repository, this.#options));
  }

  /**
   * The chart that a lock lists, where its repository has it: with the credentials of a repository that the user has
   * configured for this URL, as for Helm.
   * @throws InputError on a name, a version or a repository that cannot be asked for
   */
  async dependency(dependency: LockedDependency): Promise<ChartFiles> {
    try {
      return await this.#locked(dependency);
    } catch (error) {
      // Of one chart of several, what stands in the way is no matter of the command line.
      throw error instanceof UsageError ? new InputError(error.message, error.hint) : error;
    }
  }

  async #locked(dependency: LockedDependency): Promise<ChartFiles> {
    const reference = referenceOfLocked(dependency, await this.#servers.repositories(), this.#options);
    const { version } = dependency;
    const wanted: WantedVersion = { words: [`--version=${version}`], exact: version };
    if ('configured' in reference) return this.#ofConfigured(reference.configured, dependency.name, wanted);
    return reference.form === 'oci'
      ? ociChart({ ...reference, tag: tagOf(version) }, version, this.#registryFetching())
      : this.#inNamedRepository(reference, wanted);
  }

  /** The chart of a repository that the user has configured; undefined: there is no such repository. */
  async configured(reference: RepositoryReference): Promise<ChartFiles | undefined> {
    const repositories = await this.#servers.repositories();
    const repository = repositories.find(({ name }) => name === reference.repository);
    return repository && this.#ofConfigured(repository, reference.chart);
  }

  #ofConfigured(repository: Repository, chart: string, wanted?: WantedVersion): ChartFiles {
    return this.#pulled(pullOfConfigured(repository, chart, this.#servers, this.#context), wanted);
  }

  /** @throws UsageError if an option was given that no reference of the run takes */
  requireUsed(): void {
    const unused = (['version', 'devel'] as const).find(
      (name) =>
        !this.#takesVersion && (name === 'devel' ? this.#settings.has(name) : this.#settings.one(name)),
    );
    if (unused !== undefined) throw unusedOption(unused);
  }

  #chartOf(reference: SchemeReference): ChartFiles {
    if (reference.form === 'url') return urlChart(reference, this.#fetching);
    if (reference.form === 'oci') return this.#inRegistry(reference);
    return this.#pulled(pullByHelm(reference.text));
  }

  #inRegistry(reference: OciReference): ChartFiles {
    const { exact } = this.#wanted;
    const { tag, digest } = reference;
    const version = exact?.replace(/^v/, '');
    const fetching = this.#registryFetching();
    if (this.#settings.one('version') !== undefined) this.#takesVersion = true;
    if (tag !== undefined || digest !== undefined) {
      requireSameVersion(reference, this.#settings.one('version'), version);
      return ociChart(reference, version, fetching);
    }
    if (exact !== undefined) {
      // Helm asks for the tag as the user writes it.
      const asWritten = tagOf(exact);
      return ociChart({ ...reference, tag: asWritten }, version, fetching, otherSpelling(asWritten));
    }
    return this.#pulled(pullOfRegistry(reference, fetching));
  }

  #registryFetching(): RegistryFetching & Fetching {
    return {
      ...this.#fetching,
      repository: (name, deadline) => this.#servers.repository(name, deadline),
    };
  }

  #inNamedRepository(reference: RepositoryUrlReference, wanted?: WantedVersion): ChartFiles {
    return this.#pulled(pullOfNamed(reference, this.#servers, this.#fetching), wanted);
  }

  #pulled(request: UnversionedPull, wanted?: WantedVersion): ChartFiles {
    this.#takesVersion ||= wanted === undefined;
    const { words, exact, range } = wanted ?? this.#wanted;
    const files = (['caFile', 'certFile', 'keyFile'] as const).flatMap((name) => {
      const path = this.#settings.one(name);
      return path === undefined ? [] : [`${HELMS_FLAGS[name]}=${path}`];
    });
    return pulledChart(
      {
        ...request,
        words: [...request.words, ...words, ...files, ...wordsOfLogin(this.#reaching.login)],
        version: exact,
        ...(range !== undefined && { range }),
      },
      this.#servers.helm(),
      this.#registryFetching(),
      this.#reaching.looksPastGate,
    );
  }
}

const HELMS_FLAGS = { caFile: '--ca-file', certFile: '--cert-file', keyFile: '--key-file' } as const;

/** The error for an option that no reference takes. */
function unusedOption(name: 'version' | 'devel'): UsageError {
  return new UsageError(
    `${spellingOf(name)} is for charts of repositories and registries, but none of that kind was given`,
    'leave it out, or name the chart as REPO/CHART, CHART --repo URL or oci://HOST/CHART',
  );
}
