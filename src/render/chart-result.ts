import type { ChartContents } from '../chart/archive/chart-contents.ts';
import type { Diagnosis, SigstoreError } from '../errors.ts';
import type { ChartReport } from '../policy/chart-report.ts';
import { unverifiedText, verifiedText, type ReportedArchive } from './chart-text.ts';
import { contentsMembers, contentsWarnings, subchartLines } from './contents-text.ts';
import { diagnosisOf } from './diagnosis.ts';
import { chartMembers, type ShownTo } from './json.ts';
import { besideLines, bundleVerifiedText } from './signed-bundle-text.ts';
import { isPassed, passedText, passedWarning, rulingLines } from './ruling-text.ts';

/** The result of one chart, for people and for programs. */
export interface RenderedChart {
  /** Lines for stdout. */
  readonly text: readonly string[];
  /** For JSON. */
  readonly members: Readonly<Record<string, unknown>>;
  /** For stderr, about a chart that is let pass. */
  readonly warning?: string;
  /** The verdict on a chart that is not good. */
  readonly diagnosis?: Diagnosis;
  /** Why there is no verdict; `members` have what was found out before the error. */
  readonly error?: SigstoreError;
  /** Whether it is good, and nothing had to be done. */
  readonly wasThere?: boolean;
}

/** A chart that `verify` judged. */
interface JudgedByVerify {
  readonly report: ChartReport;
  readonly archive: ReportedArchive;
  /** The file that holds the evidence; undefined: the log was asked. */
  readonly keptIn?: string;
  /** What an offline run cannot know of the chart; one line. */
  readonly unknown?: string;
}

/** @param isVerbose whether every check is shown */
export function verifyResult(
  { report, archive, keptIn, unknown }: JudgedByVerify,
  shownTo: ShownTo,
  isVerbose: boolean,
): RenderedChart {
  // Of a bundle that proved it, its own text names the file.
  const isNamed = keptIn === undefined || (report.verdict === 'verified' && 'place' in report.evidence);
  const kept = isNamed ? [] : [`Evidence: ${keptIn}`];
  const members = { ...chartMembers(report, archive, shownTo), ...usedEvidence(keptIn) };
  if (report.verdict === 'verified') {
    const { evidence, beside = [] } = report;
    const text =
      evidence.profile === 'openpgp-rekor'
        ? verifiedText(evidence, archive, shownTo.server, isVerbose)
        : bundleVerifiedText(evidence, archive, isVerbose);
    text.push(...besideLines(beside, isVerbose));
    const policy = report.ruling === undefined ? [] : rulingLines(report.ruling);
    const offline = unknown === undefined ? [] : [`Offline: ${unknown}`];
    return { text: [...text, ...policy, ...kept, ...offline], members };
  }
  if (isPassed(report)) {
    const warning = passedWarning(report, archive);
    return { text: passedText(report, archive), members, ...(warning !== undefined && { warning }) };
  }
  return unsuccessful(report, archive, shownTo, members, () => [
    ...unverifiedText(report, archive, isVerbose),
    ...(report.ruling === undefined ? [] : rulingLines(report.ruling)),
    ...kept,
  ]);
}

/** The result of a chart with the charts in it. */
export function withContents(result: RenderedChart, contents: ChartContents): RenderedChart {
  const lines = subchartLines(contents);
  return {
    ...result,
    text: [
      ...result.text,
      ...(lines.length === 0 ? ['Subcharts: none'] : lines),
      ...contentsWarnings(contents),
    ],
    members: { ...result.members, ...contentsMembers(contents), warnings: contents.warnings },
  };
}

/** The file that held the evidence, if one did, for JSON. */
export function usedEvidence(keptIn: string | undefined): Record<string, unknown> {
  return keptIn === undefined ? {} : { evidence: { path: keptIn, outcome: 'used' } };
}

/** The result of a chart that is not good. Its text shows the checks only if there is a verdict. */
export function unsuccessful(
  report: ChartReport,
  { label }: ReportedArchive,
  { server, audience, explaining }: ShownTo,
  members: RenderedChart['members'],
  text: () => readonly string[],
): RenderedChart {
  const { evidence } = report;
  if (evidence.kind === 'unchecked' && report.verdict === 'unchecked')
    return { text: [], members, error: evidence.error };
  const diagnosis = diagnosisOf(report, label, server, audience, explaining);
  return { text: text(), members, ...(diagnosis && { diagnosis }) };
}
