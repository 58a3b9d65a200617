import { LogError } from '../errors.ts';
import type { WritableLogView } from '../log-view/log-view.ts';
import type { ChartReport } from '../policy/chart-report.ts';
import { proposedEntry } from '../rekor/helm-entry.ts';
import type { UploadedChart } from '../render/upload-text.ts';
import type { GatheredEntry } from '../tlog/logged-entry.ts';
import { outcomeOf } from '../verification/checks.ts';
import type { Unlogged } from '../verification/entry-report.ts';
import type { ProvingRun } from './proving-run.ts';
import type { Submission } from './submission.ts';

/** What all charts share that are sent. */
export interface SendingRun extends ProvingRun {
  /** The labels of the charts that were given to the log, whatever it answered. */
  readonly sent: Set<string>;
}

/** What judges the chart that is sent. */
export interface ChartJudge {
  /** By these entries of the log. */
  readonly prove: (entries: readonly GatheredEntry[]) => Promise<ChartReport>;
  /** By what was found out since a report without a further entry. */
  readonly since: (report: ChartReport, since: Unlogged) => ChartReport;
}

/**
 * Says what becomes public, sends it, and proves the chart by the entry that the log made, or says that it has already.
 * Where it says that it has it and shows no entry that verifies, there is no outcome.
 * @throws LogError if the log refuses it, or does not answer
 */
export async function sendChart(
  submission: Submission,
  view: WritableLogView,
  { prove, since }: ChartJudge,
  run: Pick<SendingRun, 'log' | 'context' | 'sent'>,
): Promise<Pick<UploadedChart, 'outcome' | 'report'>> {
  const { label, provenance, publicKey, leafHashes } = submission;
  announce(submission, run);
  run.sent.add(label);
  const { entries, isNew, id } = await view.submit(proposedEntry(provenance, publicKey), leafHashes);
  const report = await prove(entries);
  if (report.verdict === 'verified') return { outcome: isNew ? 'created' : 'exists', report };
  if (report.verdict === 'unchecked') return { report };
  if (isNew || isContradicted(report)) return { outcome: 'unproven', report };
  const as = id ? `, as ${id.text}` : '';
  const error = new LogError(
    'LOG_ANSWER',
    `${run.log.server.href} says that it has ${label} already${as}, and shows no entry that verifies`,
  );
  return { report: since(report, { error }) };
}

/** Whether the log contradicts what was seen of it before. */
export function isContradicted({ evidence }: ChartReport): boolean {
  return outcomeOf('consistency', evidence.checks) === 'failed';
}

/** Says what becomes public, before it does. */
function announce({ label, email }: Submission, { log, context }: Pick<SendingRun, 'log' | 'context'>): void {
  const what =
    email === undefined
      ? 'the public key of its signer'
      : `its signer's public key and e-mail address ${email}`;
  context.stderr.print([`Publishing the signature of ${label}, ${what} on ${log.server.href}, for good`]);
}
