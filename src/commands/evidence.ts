import { answerForEvidenceFile } from '../proving/answer-for-evidence-file.ts';
import { requirementsOf } from '../proving/chart-evidence.ts';
import { keepEvidenceOf } from '../proving/evidence-of-chart.ts';
import { evidencePlaceOf } from '../proving/evidence-place.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS, withCharts } from '../proving/named-charts.ts';
import { answerWithLog } from '../proving/proving-run.ts';
import { evidenceResult } from '../render/evidence-result.ts';
import { defineCommand } from '../run/command.ts';
import { PROVING_OPTIONS, REFERENCE_OPTIONS } from '../settings/option-groups.ts';

export const evidence = defineCommand({
  arguments: '[chart...]',
  description:
    'Proves that each chart is on the transparency log, and keeps what proves it beside the chart, as ' +
    'CHART.tgz.rekor.json. Evidence that is there already and holds stays as it is. With --check, judges ' +
    `an evidence file by itself and asks nobody.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS} Its evidence needs a place: --evidence.`,
  examples: [
    'evidence hello-0.1.0.tgz',
    'evidence *.tgz --refresh',
    'evidence --check hello-0.1.0.tgz.rekor.json --output json',
  ],
  options: [
    ...PROVING_OPTIONS,
    ...REFERENCE_OPTIONS,
    'as',
    'evidence',
    'refresh',
    'check',
    'policy',
    'verbose',
    'output',
  ],
  run: async (operands, settings, context, show) => {
    const file = settings.one('check');
    if (file !== undefined) return await answerForEvidenceFile(file, operands, settings, context);
    const signedName = settings.one('as');
    const requirements = requirementsOf(settings, signedName);
    return await withCharts(operands, settings, context, { signedName }, async (charts) => {
      const evidencePlace = evidencePlaceOf(settings, charts);
      const [isRefresh, isVerbose] = [settings.has('refresh'), settings.has('verbose')];
      return await answerWithLog(charts, settings, context, show, (run) => ({
        good: 'proven',
        wasThere: 'already there',
        work: async (chart) => {
          const proved = await keepEvidenceOf(chart, requirements, { ...run, evidencePlace, isRefresh });
          return evidenceResult(proved, { server: run.log.server.href }, isVerbose);
        },
      }));
    });
  },
});
