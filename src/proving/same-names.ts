import { basename } from 'node:path';
import { hasFiles, type ChartFiles, type NamedChart, type NamedCharts } from '../chart/chart-files.ts';
import { sha256Hex } from '../digest.ts';
import { SigstoreError, type InputError } from '../errors.ts';
import { collision } from '../mirror/mirror.ts';
import { foldedPath } from '../mirror/portable-path.ts';

/**
 * The charts, with a problem for each of those that would have one name in a mirror and differ. Which of them is meant,
 * only the user knows; it must not depend on which one is read faster.
 * @param signedName the name that was signed, if the user says it
 */
export async function refuseSameNames(
  charts: NamedCharts,
  signedName: string | undefined,
): Promise<NamedCharts> {
  const byName = new Map<string, ChartFiles[]>();
  for (const chart of charts) {
    if (!hasFiles(chart) || chart.isProvenanceAlone || !(await isThere(chart))) continue;
    const name = foldedPath(signedName ?? chart.expected?.signedName ?? basename(chart.label));
    const same = byName.get(name) ?? [];
    // One that is named twice is the same.
    if (!same.some(({ label }) => label === chart.label)) same.push(chart);
    byName.set(name, same);
  }
  const problems = new Map<string, InputError>();
  for (const same of byName.values()) {
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

/** Fetches a chart that is elsewhere: before that nobody knows its name. What keeps it away is a problem of its own. */
async function isThere(chart: ChartFiles): Promise<boolean> {
  if (!chart.isElsewhere) return true;
  return await chart.archive().then(
    () => true,
    (error: unknown) => {
      if (error instanceof SigstoreError) return false;
      throw error;
    },
  );
}

function withProblem(chart: NamedChart, problem: InputError | undefined): NamedChart {
  return problem === undefined ? chart : { label: chart.label, problem };
}

/** The labels of two charts that differ. One that cannot be read is passed over: it has a problem of its own. */
async function differentPair(charts: readonly ChartFiles[]): Promise<[string, string] | undefined> {
  let first: { readonly label: string; readonly digests: string } | undefined;
  for (const chart of charts) {
    const digests = await digestsOf(chart);
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
