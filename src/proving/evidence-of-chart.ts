import type { ChartFiles } from '../chart/chart-files.ts';
import { InputError } from '../errors.ts';
import type { KeptEvidence } from '../evidence/write.ts';
import { entryEvidence } from '../render/entry-evidence.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { EvidencePlace } from './evidence-place.ts';
import { keepEvidence } from './keep-evidence.ts';
import { proveChart, type ReportedChart } from './prove-chart.ts';
import type { ProvingRun } from './proving-run.ts';

/** What all charts share whose evidence is made. */
export interface EvidenceRun extends ProvingRun {
  readonly evidencePlace: EvidencePlace;
  /** Whether a proof against the newest checkpoint takes the place of an older one. */
  readonly isRefresh: boolean;
}

/** What came of a chart, and of its evidence if the log proved it. */
export interface ChartWithEvidence extends ReportedChart {
  readonly kept?: KeptEvidence;
}

/**
 * Proves that the log has a chart, and keeps what proved it.
 * @throws InputError if there is no place for its evidence
 * @throws InputError and LogError as `proveChart` does
 */
export async function keepEvidenceOf(
  chart: ChartFiles,
  requirements: Requirements,
  run: EvidenceRun,
): Promise<ChartWithEvidence> {
  const path = run.evidencePlace(chart);
  if (path === undefined)
    throw new InputError(
      `there is no place for evidence beside ${chart.label}`,
      'name a file with --evidence',
    );
  const proved = await proveChart(chart, requirements, run);
  const { report } = proved;
  if (report.verdict !== 'verified') return proved;
  const { isRefresh, log, context } = run;
  const kept = await keepEvidence(path, entryEvidence(report.evidence).entry, log, {
    isRefresh,
    now: context.now(),
  });
  return { ...proved, kept };
}
