import type { SigstoreError } from '../errors.ts';
import type { ChartJudgement } from '../verification/chart-checks.ts';
import { checkConsistency, type Past } from '../verification/consistency.ts';
import { reportWithoutEntry, type Unlogged } from '../verification/entry-report.ts';
import type { ChartBundleReport } from '../verification/chart-bundle.ts';
import { decide } from './decide.ts';
import type { AnyReport, Decision, Evidences } from './decision.ts';
import type { JudgedEntries, OtherEntry } from './judged-entries.ts';
import type { Requirements } from './requirements.ts';

/** What was found out about one chart: the whole answer, for whoever renders it. */
export type ChartReport = Decision & AboutChart;

interface AboutChart {
  /** When the signature says that it was made, in seconds since 1970; undefined: there is no provenance. */
  readonly signedAt: number | undefined;
  /** All that was judged for the verdict: first the piece that counts, which is `evidence`. */
  readonly evidences: Evidences;
  /** Other entries, at most ten. */
  readonly others: readonly OtherEntry[];
  /** How many more others there are. */
  readonly othersNotShown: number;
}

/** What was gathered and judged about one chart. */
export interface Judgements {
  readonly chart: ChartJudgement;
  readonly signedAt: number | undefined;
  readonly entries: JudgedEntries;
  /** Where the log has no entry that is ours to judge: what contradicts what was seen of the log before. */
  readonly conflict?: Past | undefined;
  /** What stood in the way of looking at all entries. */
  readonly error?: SigstoreError | undefined;
}

/** The report on a chart: about the entry that counts, or about why there is none. */
export function reportOnChart(
  { chart, signedAt, entries, conflict, error = chart.unjudged }: Judgements,
  requirements: Requirements,
): ChartReport {
  const { best, others, othersNotShown } = entries;
  const made = conflict && { consistency: checkConsistency(conflict) };
  const evidences: Evidences =
    best === undefined || error !== undefined
      ? [reportWithoutEntry(chart, { made, error }), ...(best ? [best] : [])]
      : [best];
  const decision = decide(evidences, requirements);
  return {
    ...decision,
    signedAt,
    evidences: withFirst(decision.evidence, evidences),
    others,
    othersNotShown,
  };
}

/** The report on a chart by pieces of evidence that nobody has to be asked about. */
export function reportOnEvidences(
  evidences: Evidences,
  signedAt: number,
  requirements: Requirements,
): ChartReport {
  const decision = decide(evidences, requirements);
  return {
    ...decision,
    signedAt,
    evidences: withFirst(decision.evidence, evidences),
    others: [],
    othersNotShown: 0,
  };
}

/**
 * The same report, decided again by what was found out since, without a further entry: an error, or a check
 * that fails for every entry.
 */
export function reportSince(
  report: ChartReport,
  chart: ChartJudgement,
  since: Unlogged,
  requirements: Requirements,
): ChartReport {
  const { signedAt, others, othersNotShown } = report;
  const evidence = reportWithoutEntry(chart, since);
  const about = report.evidences.filter(({ entry }) => entry !== undefined);
  const evidences = withFirst(evidence, about);
  return { ...decide([evidence], requirements), signedAt, evidences, others, othersNotShown };
}

/** The same report, decided again with what bundles of the chart came to. @param report undefined: nothing else was asked for */
export function reportWithBundles(
  report: ChartReport | undefined,
  bundles: readonly ChartBundleReport[],
  requirements: Requirements,
): ChartReport | undefined {
  const all: readonly AnyReport[] = [...(report?.evidences ?? []), ...bundles];
  const [first, ...more] = all;
  if (first === undefined) return report;
  const evidences: Evidences = [first, ...more];
  const decision = decide(evidences, requirements);
  const { signedAt, others = [], othersNotShown = 0 } = report ?? {};
  return {
    ...decision,
    signedAt: signedAt ?? decision.evidence.statement?.signedAt,
    evidences: withFirst(decision.evidence, evidences),
    others,
    othersNotShown,
  };
}

function withFirst(first: AnyReport, all: readonly AnyReport[]): Evidences {
  return [first, ...all.filter((each) => each !== first)];
}
