import { formatTime } from '../encoding.ts';
import type { KeptEvidence } from '../evidence/write.ts';
import type { ChartReport } from '../policy/chart-report.ts';
import type { ProvenEntry } from '../verification/entry-report.ts';
import { archiveLines, signerLines, unverifiedText, type ReportedArchive } from './chart-text.ts';
import { keptLines } from './evidence-text.ts';
import { entryUrl } from './json.ts';
import type { UploadPlan } from './plan-text.ts';

/**
 * The result of an upload: a new entry, an entry that was there already, a new entry that the log does not
 * prove, nothing because the chart is not good, or nothing because it was a dry run.
 */
type UploadOutcome = 'created' | 'exists' | 'unproven' | 'refused' | 'planned';

/** A chart that was to be uploaded. Its report is about the new entry, or the one that was there already. */
export interface UploadedChart {
  /** Absent if the report says why nothing was uploaded. */
  readonly outcome?: UploadOutcome;
  readonly report: ChartReport;
  readonly archive: ReportedArchive;
  /** Only with the outcome `planned`. */
  readonly plan?: UploadPlan;
  /** Only with `created` and `exists`; absent if no evidence file was wanted. */
  readonly kept?: KeptEvidence;
}

/** The text of an upload; for a new entry an empty line and the line of the Go plugin, to the byte. */
export function uploadedText(
  { outcome, archive, kept }: UploadedChart,
  { entry, signer, warnings }: ProvenEntry,
  server: string,
): string[] {
  const place = `at index ${entry.time.logIndex}, available at: ${entryUrl(server, entry.id.text)}`;
  return [
    ...(outcome === 'created' ? ['', `Created Helm entry ${place}`] : [`Helm entry already exists ${place}`]),
    ...archiveLines(archive),
    ...signerLines(signer),
    `Logged At: ${formatTime(entry.time.integratedTime)}`,
    ...(kept ? keptLines(kept) : []),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}

/** The text of an upload that did not succeed: whether something was sent, and what each check found. */
export function notUploadedText(
  outcome: UploadedChart['outcome'],
  report: ChartReport,
  archive: ReportedArchive,
  isVerbose = false,
): string[] {
  const heading = outcome === 'unproven' ? 'Chart Sent, Entry Not Proven' : 'Chart Not Uploaded';
  return unverifiedText(report, archive, isVerbose, heading);
}
