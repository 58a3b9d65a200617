import { excerpt } from '../../encoding.ts';
import { InputError, RejectedError, type SigstoreError } from '../../errors.ts';
import { findArchive } from '../archive/archive.ts';
import type { NamedChart, NamedDependency } from '../chart-files.ts';
import type { Dependency } from '../archive/dependencies.ts';
import { lockDifference, type ConfiguredRepository } from './lock-agreement.ts';
import { isLocal, LockedChart, type PublishedFinder } from './locked-chart.ts';
import { parseChartYaml, type ChartMetadata } from '../archive/metadata.ts';
import { readUnpackedChart, type UnpackedChart, type UnpackedEntry } from './unpacked-chart.ts';
import { isVersionInRange } from '../versions/version-constraint.ts';

/**
 * Everything that Helm would take into an unpacked chart: each chart in its `charts/`, and each that its lock lists. What cannot
 * be held against a signature of its own is a problem that names it.
 * @throws InputError if it is no chart, or one of its files cannot be read or could be read in two ways
 */
export async function dependenciesOf(path: string, origins: Origins): Promise<readonly NamedChart[]> {
  const chart = await readUnpackedChart(path);
  const { lock, declared, entries } = chart;
  if (lock === undefined && (declared.dependencies ?? []).length > 0) return [withoutLock(path)];
  const difference = lock && lockDifference(declared, lock, await origins.configured());
  const problems =
    lock && difference !== undefined
      ? [{ label: lock.path, problem: outdated(`${lock.path} is out of date: ${difference}`, path) }]
      : [];
  const all = [...problems, ...(await new Dependencies(chart, origins.published).all())];
  return all.length === 0 && entries.length === 0 ? [{ label: path, nothing: 'No Dependencies' }] : all;
}

/** Where dependencies come from. */
export interface Origins {
  /** The repositories that the user has configured. */
  readonly configured: () => Promise<readonly ConfiguredRepository[]>;
  /** Finds a chart where its repository has it; undefined: nobody is asked. */
  readonly published: PublishedFinder | undefined;
}

/** The lock of a chart, and what is in its `charts/`, brought together. */
class Dependencies {
  readonly #chart: UnpackedChart;
  readonly #locked: readonly Dependency[];
  readonly #missing: Set<Dependency>;
  readonly #published: PublishedFinder | undefined;

  constructor(chart: UnpackedChart, published: PublishedFinder | undefined) {
    this.#chart = chart;
    this.#published = published;
    this.#locked = chart.lock?.dependencies ?? [];
    this.#missing = new Set(this.#locked);
  }

  /** What is in `charts/`, in the order of names; then what is missing there, in the order of the lock. */
  async all(): Promise<readonly NamedChart[]> {
    const found: NamedChart[] = [];
    for (const entry of this.#chart.entries) found.push(await this.#chartAt(entry));
    return [...found, ...[...this.#missing].map((dependency) => this.#missingChart(dependency))];
  }

  async #chartAt({ name, path, kind, metadata, problem }: UnpackedEntry): Promise<NamedChart> {
    try {
      if (problem !== undefined) throw problem;
      const chart = kind === 'folder' ? metadata : (this.#ofName(name) ?? (await chartIn(path)));
      const listed = chart && this.#find(chart);
      if (listed !== undefined) this.#isThere(listed);
      if (kind === 'folder')
        return this.#unproven(
          path,
          listed ?? chart,
          unpackedInCharts(path, chart !== undefined && listed === undefined),
        );
      return listed === undefined ? this.#unlisted(path, chart) : await this.#archive(path, listed, chart);
    } catch (error) {
      if (error instanceof InputError) return { label: path, problem: error };
      throw error;
    }
  }

  /** The chart of the lock that has an archive of this name; what is in it is held against the lock later. */
  #ofName(file: string): ChartMetadata | undefined {
    return this.#locked.find(({ name, version }) => file === `${name}-${version}.tgz`);
  }

  /** One that is listed twice, under two aliases, is one file. */
  #isThere({ name, version, repository }: Dependency): void {
    for (const each of this.#locked)
      if (each.name === name && each.version === version && each.repository === repository)
        this.#missing.delete(each);
  }

  #find({ name, version }: ChartMetadata): Dependency | undefined {
    const ofName = this.#locked.filter((dependency) => dependency.name === name);
    return ofName.find((dependency) => dependency.version === version) ?? ofName[0];
  }

  async #archive(path: string, listed: Dependency, chart: ChartMetadata | undefined): Promise<NamedChart> {
    const { name, version, repository } = listed;
    // Where no repository is named, the lock repeats the range of Chart.yaml.
    const isInRange = repository === '' && chart !== undefined && isVersionInRange(chart.version, version);
    const wanted = isInRange ? chart.version : version;
    const published = isLocal(repository) ? undefined : this.#published;
    const dependency = { name, version: wanted, repository };
    const locked = new LockedChart(path, this.#chart.path, dependency, published);
    if (!isLocal(repository) || (await locked.isSignedHere())) return locked;
    const origin = repository === '' ? 'comes from no repository' : `was made of ${excerpt(repository)}`;
    const hint = {
      consumer: 'put its provenance beside it, or look through it yourself',
      publisher: 'put its provenance beside it, made with helm package --sign, or look through it yourself',
    };
    return this.#unproven(path, listed, new RejectedError(`${path} ${origin}: nobody signed it`, hint));
  }

  #unlisted(path: string, chart: ChartMetadata | undefined): NamedChart {
    const place = this.#chart.lock?.path ?? `the Chart.yaml of ${this.#chart.path}`;
    const which = chart ? `${excerpt(chart.name)} ${excerpt(chart.version)}` : 'a chart';
    return this.#unproven(
      path,
      chart,
      new RejectedError(
        `${path} is ${which}, which ${place} does not list: Helm renders it all the same`,
        'remove it, or name it in Chart.yaml and run helm dependency update',
      ),
    );
  }

  #missingChart(dependency: Dependency): NamedChart {
    const { path, lock } = this.#chart;
    const which = `${excerpt(dependency.name)} ${excerpt(dependency.version)}`;
    return this.#unproven(
      `${path}/charts/${dependency.name}-${dependency.version}.tgz`,
      dependency,
      new InputError(
        `${lock?.path ?? path} lists ${which}, and it is not in ${path}/charts`,
        `helm sigstore dependency build ${path} verifies it and puts it there`,
      ),
    );
  }

  #unproven(label: string, about: Named | undefined, problem: SigstoreError): NamedChart {
    if (about === undefined) return { label, problem };
    const { name, version, repository } = about;
    const dependency = {
      of: this.#chart.path,
      name,
      version,
      ...(repository !== undefined && { repository }),
    };
    return { label, dependency, problem };
  }
}

type Named = Pick<NamedDependency, 'name' | 'repository'> & { readonly version: string };

async function chartIn(path: string): Promise<ChartMetadata> {
  const { metadata } = await (await findArchive(path)).open();
  return parseChartYaml(metadata, `Chart.yaml in ${path}`);
}

/** The error for a chart in `charts/` that is a directory. */
export function unpackedInCharts(path: string, isUnlisted: boolean): RejectedError {
  const addition = isUnlisted ? ', and Helm renders it though it is not listed' : '';
  return new RejectedError(
    `${path} is an unpacked chart: nobody signed what is in a directory${addition}`,
    'put the packed chart there, as helm dependency build does, or look through it yourself',
  );
}

/** What is named where a chart has dependencies and no lock. */
export function withoutLock(path: string): NamedChart {
  const message = `${path} has dependencies, and no Chart.lock that says which versions they are`;
  return {
    label: path,
    problem: new InputError(message, `helm dependency update ${path} writes it: look at what it lists`),
  };
}

/** The error for a lock that is not what Chart.yaml asks for. */
export function outdated(message: string, path: string): RejectedError {
  return new RejectedError(message, `helm dependency update ${path} makes it anew: look at what it lists`);
}
