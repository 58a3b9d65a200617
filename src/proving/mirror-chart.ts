import type { ChartFiles } from '../chart/chart-files.ts';
import type { Sha256 } from '../digest.ts';
import { evidencePath } from '../evidence/evidence.ts';
import type { KeptKeys } from '../mirror/kept-keys.ts';
import type { KeptChart, Mirror } from '../mirror/mirror.ts';
import { isLocallyGood } from '../verification/chart-checks.ts';
import { describeVerified } from './described-chart.ts';
import { mirroredEvidence } from './mirrored-evidence.ts';
import { proofsOf, signersOf } from './mirrored-signers.ts';
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
  /** Told that the trusted root vouched for a bundle. */
  readonly countRoot: () => void;
}

/** What came of a chart; what was kept of it, where it is verified. */
export interface MirroredResult extends Omit<VerifiedChart, 'judged' | 'bundle' | 'provenanceBundle'> {
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
  const verified = await verifyChart(chart);
  const { judged, bundle, provenanceBundle, ...reported } = verified;
  const { report } = reported;
  if (report.verdict !== 'verified') return reported;
  const signers = signersOf(report);
  const isSigned = signers.signer !== undefined;
  if (isSigned && (!judged || !isLocallyGood(judged.judgement))) return reported;
  const [proven] = proofsOf(report).flatMap((each) => (each.profile === 'openpgp-rekor' ? [each] : []));
  const signedName = judged?.evidence.signedName ?? report.evidence.statement?.signedName;
  if (signedName === undefined) throw new Error(`${chart.label} is verified, and has no signed name`);
  const now = context.now();
  const path = evidencePath(signedName);
  const kept = await mirror.keep(
    {
      ...(await describeVerified(chart, verified)),
      label: chart.label,
      signedName,
      // Whatever archive this is, it has the digest of what was judged.
      sha256: reported.archive.sha256 as Sha256,
      chunks: (await chart.archive()).chunks,
      signers,
      provenance: isSigned ? judged?.evidence.provenance.bytes : undefined,
      evidence:
        proven && (() => mirroredEvidence({ chart, entry: proven.entry, log, now }, mirror.path, path)),
      provenanceBundle,
      bundle,
    },
    now,
  );
  if (judged && isSigned && isLocallyGood(judged.judgement)) {
    const { certificate, signer } = judged.judgement.facts['provenance-signature'];
    keys.add(certificate, signer.signingFingerprint);
  }
  if (proven) logIds.add(proven.entry.logId);
  if (bundle ?? provenanceBundle) run.countRoot();
  return { ...reported, kept };
}
