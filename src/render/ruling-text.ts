import type { ChartReport } from '../policy/chart-report.ts';
import type { Ruling } from '../policy/decision.ts';
import { archiveLines, type ReportedArchive } from './chart-text.ts';

/** A report on a chart that passes by a policy, and is not proven. */
type PassedReport = Extract<ChartReport, { verdict: 'warned' | 'pinned' | 'allowed' }>;

/** Whether a policy lets the chart pass though nothing proves it. */
export function isPassed(report: ChartReport): report is PassedReport {
  return ['warned', 'pinned', 'allowed'].includes(report.verdict);
}

/** The text of such a chart. Its first line never says that it is verified. */
export function passedText({ verdict, ruling }: PassedReport, archive: ReportedArchive): string[] {
  return [HEADINGS[verdict], '', ...archiveLines(archive), ...rulingLines(ruling)];
}

const HEADINGS: Readonly<Record<PassedReport['verdict'], string>> = {
  warned: 'Chart Not Verified, And The Policy Only Warns:',
  pinned: 'Chart Not Verified, And Accepted By Its Digest:',
  allowed: 'Chart Not Verified, And Allowed By The Policy:',
};

/** The warning about a chart that passes; undefined where its policy asks for none. */
export function passedWarning(report: ChartReport, { label }: ReportedArchive): string | undefined {
  return report.verdict === 'warned' ? `${label} is not verified: ${report.ruling.reason}` : undefined;
}

/** How a rule was applied, for people. */
export function rulingLines({ rule, satisfied, lacking, lackingNotShown = 0, reason }: Ruling): string[] {
  const notShown = Math.max(0, lacking.length - SHOWN) + lackingNotShown;
  return [
    `Policy: ${reason}`,
    ...(rule === undefined ? [] : [`Rule: ${rule}`]),
    ...satisfied.map((item) => `Satisfied: ${item}`),
    ...lacking.slice(0, SHOWN).map(({ item, why }) => `Lacking: ${item}: ${why}`),
    ...(notShown > 0 ? [`Lacking Not Shown: ${notShown}`] : []),
  ];
}

const SHOWN = 10;
