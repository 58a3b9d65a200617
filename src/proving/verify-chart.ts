import type { ChartFiles } from '../chart/chart-files.ts';
import { requiredOfOpenPgp, type Requirements } from '../policy/requirements.ts';
import type { RunContext } from '../run/context.ts';
import { evidenceVerifier, type VerifiedChart } from './evidence-verifier.ts';
import type { EvidenceFinder } from './found-evidence.ts';
import { proveChart } from './prove-chart.ts';
import type { KeptProver } from './prove-kept.ts';
import type { ProvingRun } from './proving-run.ts';

/** Verifies a chart. Throws InputError and LogError as `proveChart` and `KeptProver.prove` do. */
export type ChartVerifier = (chart: ChartFiles) => Promise<VerifiedChart>;

/**
 * Verifies charts by the evidence that is kept for them, or offered where they are; where there is none, or none of what is
 * offered proves the chart, by what the log has.
 */
export function chartVerifier(
  run: ProvingRun,
  general: Requirements,
  findEvidence: EvidenceFinder,
): ChartVerifier {
  let prover: Promise<KeptProver> | undefined;
  const required = requiredOfOpenPgp(general);
  const byEvidence = evidenceVerifier(findEvidence, run, required, async () => {
    // What judges evidence is loaded for those who have some, and is one for all charts.
    prover ??= import('./prove-kept.ts').then(({ KeptProver }) => KeptProver.withLog(run));
    return await prover;
  });
  const verify: ChartVerifier = async (chart) =>
    (await byEvidence(chart)) ?? (await proveChart(chart, required, run));
  return underPolicy(verify, general, run.context);
}

/** The same, where a policy also decides about charts that nobody signed. */
export function underPolicy(
  verify: ChartVerifier,
  general: Requirements,
  context: Pick<RunContext, 'policy'>,
): ChartVerifier {
  const { policy } = context;
  if (policy === undefined) return verify;
  return async (chart) => {
    // A reference that cannot be compared with the rules is refused before anything is fetched.
    policy.rules.requirementsFor(chart, general);
    try {
      return await verify(chart);
    } catch (error) {
      return await (await import('./unsigned-chart.ts')).decideUnsigned(error, chart, general, context);
    }
  };
}
