import { entryEvidence } from '../render/entry-evidence.ts';
import type { ChartFiles } from '../chart/chart-files.ts';
import { readSignedChart } from '../chart/signed-chart.ts';
import { SigstoreError } from '../errors.ts';
import type { KeptEvidence } from '../evidence/write.ts';
import { reportSince, type ChartReport } from '../policy/chart-report.ts';
import { requirementsFor, type Requirements } from '../policy/requirements.ts';
import { predictLeaves, type PredictedEntry } from '../rekor/predicted-entry.ts';
import type { UploadedChart } from '../render/upload-text.ts';
import { requireTrusted } from '../run/trusted-keys.ts';
import type { GatheredEntry } from '../tlog/logged-entry.ts';
import { isLocallyGood, judgeChart } from '../verification/chart-checks.ts';
import type { GoodChart, Unlogged } from '../verification/entry-report.ts';
import { acceptableSigners, chartEvidence, packedChart } from './chart-evidence.ts';
import type { Attaching } from './attach-uploaded.ts';
import type { EvidencePlace } from './evidence-place.ts';
import { keepEvidence } from './keep-evidence.ts';
import { proveByEntries, reportUnasked } from './prove-by-entries.ts';
import { planOf, presentEntries } from './rehearsal.ts';
import { isContradicted, sendChart, type SendingRun } from './send-chart.ts';
import { deadKey, submissionOf } from './submission.ts';

/** What all charts of an upload share. */
export interface UploadRun extends SendingRun {
  /** What chose the log, in words; undefined: nothing is rehearsed. */
  readonly rehearsedOn: string | undefined;
  readonly evidencePlace: EvidencePlace;
  /** Takes what the log proved of charts in registries. */
  readonly attaching: Attaching | undefined;
}

/**
 * Proves that the log has the chart; where it has not, sends it, and proves it by what the log answers. Sends nothing
 * before every local check passed, and believes nothing before the log proved it. What keeps a chart that was read from
 * being judged, the report says.
 * @param general what is required of every chart of the run
 * @throws InputError if the archive or the provenance cannot be read
 */
export async function uploadChart(
  chart: ChartFiles,
  general: Requirements,
  run: UploadRun,
): Promise<UploadedChart> {
  const signed = await readSignedChart(chart);
  const { expected, source } = chart;
  const requirements = requirementsFor(expected, general);
  const evidence = {
    ...chartEvidence(signed, acceptableSigners(signed.provenance, run.keyring, requirements), requirements),
    // Archive and signed text must speak of one chart, or people would find an entry of another.
    packed: packedChart(chart, signed.archive),
  };
  const judgement = await judgeChart(evidence, run.context.now());
  const archive = { label: chart.label, sha256: signed.archive.sha256, source };
  const uploaded: Omit<UploadedChart, 'archive'> = isLocallyGood(judgement)
    ? await uploadGoodChart(chart.label, { evidence, judgement }, requirements, run)
    : { outcome: 'refused', report: reportUnasked({ evidence, judgement }, requirements) };
  const kept = await keptOf(chart, uploaded.report, run);
  return { ...uploaded, archive, ...(kept && { kept }) };
}

/** Keeps what the log proved. That this cannot be done makes no upload fail. */
async function keptOf(
  chart: ChartFiles,
  report: ChartReport,
  { log, context, evidencePlace, attaching }: UploadRun,
): Promise<KeptEvidence | undefined> {
  if (report.verdict !== 'verified') return undefined;
  const { entry } = entryEvidence(report.evidence);
  if (attaching !== undefined) return await attaching.attachTo(chart, entry, log);
  const path = evidencePlace(chart);
  if (path === undefined) return undefined;
  return await keepEvidence(path, entry, log, { isRefresh: false, now: context.now() });
}

async function uploadGoodChart(
  label: string,
  chart: GoodChart,
  requirements: Requirements,
  run: UploadRun,
): Promise<Omit<UploadedChart, 'archive'>> {
  const { log, context, rehearsedOn } = run;
  const view = log.connect();
  const prove = async (entries: readonly GatheredEntry[]) =>
    await proveByEntries([[{ entries, unreadable: [] }]], chart, requirements, { log, view }, context.now());
  const since = (report: ChartReport, found: Unlogged) =>
    reportSince(report, chart.judgement, found, requirements);

  let report = reportUnasked(chart, requirements);
  try {
    requireTrusted(log);
    const predicted = predictLeavesOf(chart);
    const leafHashes = predicted.map(({ leafHash }) => leafHash);
    const present = await presentEntries(view, leafHashes, log, context, rehearsedOn !== undefined);
    // Without what the log has, only what is here is judged.
    report = 'error' in present ? since(report, present) : await prove(present.entries);
    const done = 'error' in present ? undefined : withoutSending(report);
    if (done !== undefined) return done;

    const made = deadKey(chart, context.now());
    if (made !== undefined) return { outcome: 'refused', report: since(report, { made }) };
    const submission = submissionOf(label, chart, predicted);
    return rehearsedOn === undefined
      ? await sendChart(submission, view, { prove, since }, run)
      : { outcome: 'planned', report, plan: planOf(submission, log.server.href, rehearsedOn) };
  } catch (error) {
    if (error instanceof SigstoreError) return { report: since(report, { error }) };
    throw error;
  }
}

function predictLeavesOf({ evidence: { provenance }, judgement }: GoodChart): readonly PredictedEntry[] {
  const { certificate, signer } = judgement.facts['provenance-signature'];
  return predictLeaves(provenance, certificate, signer.signingFingerprint);
}

/** What becomes of a chart that need not, or must not, be sent; a log that contradicts what it showed is given nothing. */
function withoutSending(report: ChartReport): Omit<UploadedChart, 'archive'> | undefined {
  if (report.verdict === 'verified') return { outcome: 'exists', report };
  if (report.verdict === 'unchecked') return { report };
  return isContradicted(report) ? { outcome: 'refused', report } : undefined;
}
