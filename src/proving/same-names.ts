import { basename } from 'node:path';
import {
  hasFiles,
  withChart,
  type ChartFiles,
  type NamedChart,
  type NamedCharts,
} from '../chart/chart-files.ts';
import { sha256Hex } from '../digest.ts';
import { SigstoreError, type InputError } from '../errors.ts';
import { collision } from '../mirror/mirror.ts';
import { foldedPath } from '../mirror/portable-path.ts';

/**
 * The charts, with a problem for each of those that would have one name in a mirror and differ. Which of them is meant,
 * only the user knows; it must not depend on which one is read faster. Of charts that are elsewhere only those are fetched for
 * that whose names may be the same.
 * @param signedName the name that was signed, if the user says it: then there is only one chart
 */
export async function refuseSameNames(
  charts: NamedCharts,
  signedName: string | undefined,
): Promise<NamedCharts> {
  if (signedName !== undefined) return charts;
  const problems = new Map<string, InputError>();
  for (const same of (await byName(charts)).values()) {
    if (same.length < 2) continue;
    const pair = await differentPair(same);
    if (pair === undefined) continue;
    const problem = collision(...pair);
    for (const { label } of same) problems.set(label, problem);
  }
  return {
    length: charts.length,
    *[Symbol.iterator]() {
      for (const chart of charts) yield withProblem(chart, problems.get(chart.label));
    },
  };
}

/** A chart, and its file name in a mirror as far as that is known: a part of it ends in no `.tgz`. */
interface Candidate {
  readonly chart: ChartFiles;
  readonly name: string;
}

/** Charts by their names; alone under a part of its name is one that cannot have the name of another. */
async function byName(charts: NamedCharts): Promise<ReadonlyMap<string, readonly ChartFiles[]>> {
  const candidates: Candidate[] = [];
  const labels = new Set<string>();
  for (const chart of charts) {
    // One that is named twice is the same.
    if (!hasFiles(chart) || chart.isProvenanceAlone || labels.has(chart.label)) continue;
    labels.add(chart.label);
    candidates.push({ chart, name: foldedPath(nameBefore(chart)) });
  }
  const doubtful = doubtfulOf(candidates);
  const groups = new Map<string, ChartFiles[]>();
  for (const candidate of candidates) {
    const isFetched = doubtful.has(candidate) && !isWhole(candidate);
    const name = isFetched ? await fetchName(candidate.chart) : candidate.name;
    if (name === undefined) continue;
    const group = groups.get(name) ?? [];
    group.push(candidate.chart);
    groups.set(name, group);
  }
  return groups;
}

/** The name, or how it begins, before anything is fetched. */
function nameBefore(chart: ChartFiles): string {
  if (chart.isElsewhere) return chart.nameBegins ?? '';
  return chart.expected?.signedName ?? basename(chart.label);
}

function isWhole({ chart, name }: Candidate): boolean {
  return !chart.isElsewhere || name.endsWith('.tgz');
}

/** Those whose names may be the same: what is known of one is how the other begins. */
function doubtfulOf(candidates: readonly Candidate[]): ReadonlySet<Candidate> {
  const doubtful = new Set<Candidate>();
  let first: Candidate | undefined;
  // Everything that begins with a text follows it, in this order.
  for (const each of [...candidates].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)))
    if (first !== undefined && each.name.startsWith(first.name)) doubtful.add(first).add(each);
    else first = each;
  return doubtful;
}

/** Fetches a chart for its name. What keeps it away is a problem of its own: undefined. */
async function fetchName(elsewhere: ChartFiles): Promise<string | undefined> {
  return await withChart(elsewhere, async (chart) => {
    try {
      await chart.archive();
      return foldedPath(chart.expected?.signedName ?? basename(chart.label));
    } catch (error) {
      if (error instanceof SigstoreError) return undefined;
      throw error;
    }
  });
}

function withProblem(chart: NamedChart, problem: InputError | undefined): NamedChart {
  return problem === undefined ? chart : { label: chart.label, problem };
}

/** The labels of two charts that differ. One that cannot be read is passed over: it has a problem of its own. */
async function differentPair(charts: readonly ChartFiles[]): Promise<[string, string] | undefined> {
  let first: { readonly label: string; readonly digests: string } | undefined;
  for (const chart of charts) {
    const digests = await withChart(chart, digestsOf);
    if (digests === undefined) continue;
    first ??= { label: chart.label, digests };
    if (first.digests !== digests) return [first.label, chart.label];
  }
  return undefined;
}

async function digestsOf(chart: ChartFiles): Promise<string | undefined> {
  try {
    const { sha256 } = await (await chart.archive()).read();
    return `${sha256} ${sha256Hex(await chart.provenance())}`;
  } catch (error) {
    if (error instanceof SigstoreError) return undefined;
    throw error;
  }
}
