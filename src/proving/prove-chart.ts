import type { ChartFiles } from '../chart/chart-files.ts';
import { LogError, SigstoreError } from '../errors.ts';
import type { GatheredEntries } from '../log-view/log-view.ts';
import { reportSince, type ChartReport } from '../policy/chart-report.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { ReportedArchive } from '../render/chart-text.ts';
import { requireTrusted } from '../run/trusted-keys.ts';
import { isLocallyGood } from '../verification/chart-checks.ts';
import type { GoodChart } from '../verification/entry-report.ts';
import { askAhead, type AskedAhead } from './chart-entries.ts';
import { lookUpIndexVisibly } from './index-lookup.ts';
import { openChart, type JudgedChart } from './opened-chart.ts';
import { proveByEntries, reportUnasked } from './prove-by-entries.ts';
import type { ProvingRun } from './proving-run.ts';

/** What came of a chart, and which archive it is. */
export interface ReportedChart {
  readonly report: ChartReport;
  readonly archive: ReportedArchive;
  /** What was judged, where a log was asked for entries, or evidence was. */
  readonly judged?: JudgedChart;
}

/**
 * Gathers entries of the log until the judge says that one of them proves the chart: first those that can be predicted,
 * then those of the log's index. The log is asked for the predicted ones before anything else is done; while it answers,
 * the archive is read and the signature verified. What keeps a chart that was read from being judged, the report says.
 * @param general what is required of every chart of the run
 * @throws InputError if the archive or the provenance cannot be read
 */
export async function proveChart(
  chart: ChartFiles,
  general: Requirements,
  run: ProvingRun,
): Promise<ReportedChart> {
  const now = run.context.now();
  const opened = await openChart(chart, general, run);
  const { requirements } = opened;
  const predictedFor = askAhead(opened, run.log);
  const judged = await opened.judge(now);
  const { evidence, judgement, archive } = judged;
  if (!isLocallyGood(judgement))
    return { report: reportUnasked({ evidence, judgement }, requirements), archive };
  const report = await proveGoodChart({ evidence, judgement }, predictedFor, requirements, now, run);
  return { report, archive, judged };
}

async function proveGoodChart(
  chart: GoodChart,
  predictedFor: AskedAhead,
  requirements: Requirements,
  now: number,
  { log, context }: ProvingRun,
): Promise<ChartReport> {
  const { sha256 } = chart.evidence.archive;
  const { certificate, signer } = chart.judgement.facts['provenance-signature'];
  const view = log.connect();
  let predicted: GatheredEntries;
  try {
    requireTrusted(log);
    predicted = await predictedFor({ certificate, signingFingerprint: signer.signingFingerprint });
  } catch (error) {
    if (error instanceof SigstoreError) return reportUnasked(chart, requirements, error);
    throw error;
  }
  const index = lookUpIndexVisibly(view, { sha256 }, context);
  const report = await proveByEntries([[predicted], index], chart, requirements, { log, view }, now);
  const [unreadable] = predicted.unreadable;
  if (report.evidence.kind !== 'absent' || unreadable === undefined) return report;
  const error = new LogError(
    'LOG_ANSWER',
    `${log.server.href} has an entry of this chart that cannot be read: ${unreadable.reason}`,
  );
  return reportSince(report, chart.judgement, { error }, requirements);
}
