import type { ChartFiles, NamedCharts } from '../chart/chart-files.ts';
import type { Answer } from '../cli/answer.ts';
import type { Printer } from '../cli/printer.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { RenderedChart } from '../render/chart-result.ts';
import type { RunContext } from '../run/context.ts';
import type { KeyringOption, LogOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { evidenceFinder } from './found-evidence.ts';
import { answerWithLog, type ProvingRun } from './proving-run.ts';
import { chartVerifier, type ChartVerifier, type VerifiedChart } from './verify-chart.ts';

/**
 * Decides about charts by the policy of the run, as `verify` does.
 * @param render what is shown of a chart, given the URL of the log
 * @param looksInside how deep archives are looked into, also where nobody asks
 * @throws UsageError or InputError as `answerWithLog` and `answerOffline` do
 */
export async function answerByPolicy(
  charts: NamedCharts,
  general: Requirements,
  settings: Settings<LogOption | KeyringOption | 'evidence' | 'offline'>,
  context: RunContext,
  show: Printer['show'],
  render: (
    verified: VerifiedChart,
    chart: ChartFiles,
    server: string,
  ) => RenderedChart | Promise<RenderedChart>,
  looksInside?: ProvingRun['looksInside'],
): Promise<Answer> {
  const findEvidence = evidenceFinder(settings, charts, context);
  const workOf = (verifyChart: ChartVerifier, server: string) => ({
    good: 'accepted',
    work: async (chart: ChartFiles) => await render(await verifyChart(chart), chart, server),
  });
  if (!settings.has('offline'))
    return await answerWithLog(charts, settings, context, show, (run) =>
      workOf(chartVerifier({ ...run, looksInside }, general, findEvidence), run.log.server.href),
    );
  const { answerOffline } = await import('./answer-offline.ts');
  return await answerOffline(charts, settings, context, show, general, findEvidence, workOf, looksInside);
}
