import type { ChartFiles } from '../chart/chart-files.ts';
import { isWithoutProvenance } from '../chart/no-provenance.ts';
import { reportOnChart } from '../policy/chart-report.ts';
import { JudgedEntries } from '../policy/judged-entries.ts';
import { requirementsFor, type Requirements } from '../policy/requirements.ts';
import type { RunContext } from '../run/context.ts';
import { judgeUnsigned } from '../verification/chart-checks.ts';
import { packedChart } from './chart-evidence.ts';
import type { ReportedChart } from './prove-chart.ts';

/**
 * What a policy makes of a chart that has no provenance: it may name its digest, or only warn.
 * @param error what was thrown when the chart was to be proven
 * @throws the same error where there is no policy, or the chart has provenance
 * @throws InputError if the archive cannot be read, or is to be a certain chart and is none
 */
export async function decideUnsigned(
  error: unknown,
  chart: ChartFiles,
  general: Requirements,
  { policy }: Pick<RunContext, 'policy'>,
): Promise<ReportedChart> {
  if (policy === undefined || !isWithoutProvenance(error)) throw error;
  const own = policy.rules.requirementsFor(chart, general);
  const archive = await (await chart.archive()).read();
  const { sha256 } = archive;
  const { expected, source } = chart;
  const requirements = requirementsFor(expected, own);
  const judgement = await judgeUnsigned({
    sha256,
    expected: requirements.expected,
    packed: packedChart(chart, archive),
  });
  const report = reportOnChart(
    { chart: judgement, signedAt: undefined, entries: new JudgedEntries(requirements) },
    requirements,
  );
  return { report, archive: { label: chart.label, sha256, source } };
}
