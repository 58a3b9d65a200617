import type { ChartFiles, NamedBytes } from '../chart/chart-files.ts';
import { InputError } from '../errors.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { RunContext } from '../run/context.ts';
import type { EvidenceFinder } from './found-evidence.ts';
import { proveChart, type ReportedChart } from './prove-chart.ts';
import type { KeptProver } from './prove-kept.ts';
import type { ProvingRun } from './proving-run.ts';

/** What came of a chart, and whether that is by evidence that was kept. */
export interface VerifiedChart extends ReportedChart {
  /** Where the evidence is, for people; undefined: the log was asked. */
  readonly keptIn?: string;
  /** What cannot be known of it, as the run is offline; one line. */
  readonly unknown?: string;
}

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
  const proveKept = async (chart: ChartFiles, found: NamedBytes): Promise<VerifiedChart> => {
    // What judges evidence is loaded for those who have some, and is one for all charts.
    prover ??= import('./prove-kept.ts').then(({ KeptProver }) => KeptProver.withLog(run));
    return { ...(await (await prover).prove(chart, found, general)), keptIn: found.label };
  };
  const verify: ChartVerifier = async (chart) => {
    const { all, isOffered } = await findEvidence(chart);
    for (const found of all) {
      if (!isOffered) return await proveKept(chart, found);
      const proved = await proveKept(chart, found).catch((error: unknown) => {
        // Whatever is wrong with the chart itself, the log is asked about it below, and the same is found.
        if (error instanceof InputError) return undefined;
        throw error;
      });
      if (proved?.report.verdict === 'verified') return proved;
    }
    return await proveChart(chart, general, run);
  };
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
