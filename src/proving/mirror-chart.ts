import { entryEvidence } from '../render/entry-evidence.ts';
import type { ChartFiles } from '../chart/chart-files.ts';
import { evidencePath } from '../evidence/evidence.ts';
import type { KeptKeys } from '../mirror/kept-keys.ts';
import type { KeptChart, Mirror } from '../mirror/mirror.ts';
import { isLocallyGood } from '../verification/chart-checks.ts';
import { mirroredEvidence } from './mirrored-evidence.ts';
import type { JudgedChart } from './opened-chart.ts';
import type { ProvingRun } from './proving-run.ts';
import type { VerifiedChart } from './evidence-verifier.ts';
import type { ChartVerifier } from './verify-chart.ts';

/** What all charts of a mirror share. */
export interface MirrorRun extends ProvingRun {
  readonly mirror: Mirror;
  /** The keys that made signatures. */
  readonly keys: KeptKeys;
  /** The log IDs of the keys that vouched for entries. */
  readonly logIds: Set<string>;
}

/** What came of a chart; what was kept of it, where it is verified. */
export interface MirroredResult extends Omit<VerifiedChart, 'judged'> {
  readonly kept?: KeptChart;
}

/**
 * Proves a chart, and only then puts it into the mirror.
 * @param verifyChart looks into every archive
 * @throws InputError, LogError as `verifyChart` and `Mirror.keep` do
 */
export async function mirrorChart(
  chart: ChartFiles,
  verifyChart: ChartVerifier,
  run: MirrorRun,
): Promise<MirroredResult> {
  const { mirror, log, context, keys, logIds } = run;
  const { judged, ...reported } = await verifyChart(chart);
  const { report } = reported;
  if (report.verdict !== 'verified' || !judged || !isLocallyGood(judged.judgement)) return reported;
  const { entry } = entryEvidence(report.evidence);
  const { certificate, signer } = judged.judgement.facts['provenance-signature'];
  const now = context.now();
  const path = evidencePath(judged.evidence.signedName);
  const kept = await mirror.keep(
    {
      ...(await filesOf(chart, judged)),
      evidence: () => mirroredEvidence({ chart, entry, log, now }, mirror.path, path),
      signer: signer.primaryFingerprint,
    },
    now,
  );
  keys.add(certificate, signer.signingFingerprint);
  logIds.add(entry.logId);
  return { ...reported, kept };
}

async function filesOf(chart: ChartFiles, { evidence, packed }: JudgedChart) {
  // With the reader of YAML.
  const { describeChart } = await import('../chart/description.ts');
  const { name, version, metadata } = await packed();
  return {
    label: chart.label,
    signedName: evidence.signedName,
    name,
    version,
    description: describeChart(metadata, `Chart.yaml in ${chart.label}`),
    sha256: evidence.archive.sha256,
    chunks: (await chart.archive()).chunks,
    provenance: evidence.provenance.bytes,
  };
}
