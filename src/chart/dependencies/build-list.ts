import { excerpt } from '../../encoding.ts';
import { RejectedError } from '../../errors.ts';
import type { NamedChart } from '../chart-files.ts';
import type { Dependency } from '../archive/dependencies.ts';
import { lockDifference, type ConfiguredRepository } from './lock-agreement.ts';
import { isLocal, type PublishedFinder } from './locked-chart.ts';
import { PublishedDependency } from './published-dependency.ts';
import { readUnpackedChart } from './unpacked-chart.ts';
import { outdated, unpackedInCharts, withoutLock } from './unpacked-dependencies.ts';

/** What `charts/` of an unpacked chart is made of. */
export interface BuildList {
  /** What the lock lists, and what is in the way of it: a problem that names it. */
  readonly charts: readonly NamedChart[];
  /** The files in `charts/` that the archives of the list replace. */
  readonly replaced: readonly string[];
}

/**
 * What is fetched for an unpacked chart, by its lock. What cannot be held against a signature of its own is a problem.
 * @throws InputError if it is no chart, or one of its files cannot be read or could be read in two ways
 */
export async function buildListOf(
  path: string,
  configured: () => Promise<readonly ConfiguredRepository[]>,
  published: PublishedFinder,
): Promise<BuildList> {
  const { lock, declared, entries } = await readUnpackedChart(path);
  const replaced = entries.filter(({ kind }) => kind === 'archive').map(({ name }) => name);
  if (lock === undefined) {
    const hasAny = (declared.dependencies ?? []).length > 0;
    return {
      replaced: [],
      charts: [hasAny ? withoutLock(path) : { label: path, nothing: 'No Dependencies' }],
    };
  }
  const difference = lockDifference(declared, lock, await configured());
  // What is listed is as it should not be, so nothing of it is fetched.
  if (difference !== undefined) {
    const problem = outdated(`${lock.path} is out of date: ${difference}`, path);
    return { replaced: [], charts: [{ label: lock.path, problem }] };
  }
  const listed = lock.dependencies ?? [];
  const folders = entries
    .filter(({ kind, metadata }) => kind === 'folder' && !listed.some(isOfName(metadata?.name)))
    .map((entry) => ({
      label: entry.path,
      problem: entry.problem ?? unpackedInCharts(entry.path, entry.metadata !== undefined),
    }));
  const charts = [...chartsOfLock(path, listed, published), ...folders];
  return { replaced, charts: charts.length === 0 ? [{ label: path, nothing: 'No Dependencies' }] : charts };
}

function isOfName(name: string | undefined): (dependency: Dependency) => boolean {
  return (dependency) => dependency.repository === '' && dependency.name === name;
}

/** One that is listed twice, under two aliases, is one file. */
function chartsOfLock(path: string, listed: readonly Dependency[], published: PublishedFinder): NamedChart[] {
  const byFile = new Map<string, Dependency>();
  const charts: NamedChart[] = [];
  for (const dependency of listed) {
    const { name, version, repository } = dependency;
    const before = byFile.get(`${name}-${version}`);
    if (before?.name === name && before.repository === repository) continue;
    byFile.set(`${name}-${version}`, before ?? dependency);
    const label = `${name} ${version} of ${path}`;
    const about = { of: path, name, version, repository };
    if (before !== undefined)
      charts.push({ label, dependency: about, problem: twice(`${excerpt(name)} ${excerpt(version)}`) });
    else if (isLocal(repository)) charts.push({ label, dependency: about, problem: unsigned(dependency) });
    else charts.push(new PublishedDependency(path, { name, version, repository }, published));
  }
  return charts;
}

function twice(which: string): RejectedError {
  return new RejectedError(`the lock lists ${which} of two repositories: their archives have one name`);
}

function unsigned({ name, version, repository }: Dependency): RejectedError {
  const which = `${excerpt(name)} ${excerpt(version)}`;
  return new RejectedError(
    repository === ''
      ? `${which} of the lock is of no repository: nobody signed what is in a directory`
      : `${which} of the lock is made of ${excerpt(repository)}: nobody signed what is in a directory`,
    'publish it in a repository, signed, and name that in Chart.yaml; or build with helm dependency build, and look through it yourself',
  );
}
