import { requirementsOf } from '../proving/chart-evidence.ts';
import { inspectChart } from '../proving/inspect-chart.ts';
import { answerForCharts } from '../cli/chart-results.ts';
import { defineCommand } from '../run/command.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS, withCharts } from '../proving/named-charts.ts';
import {
  CHART_OPTIONS,
  KEYRING_OPTIONS,
  REFERENCE_OPTIONS,
  SIGNER_OPTIONS,
} from '../settings/option-groups.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import { rejection } from '../render/diagnosis.ts';
import { inspectionText } from '../render/inspection-text.ts';
import { inspectionMembers } from '../render/json.ts';

export const inspect = defineCommand({
  arguments: '[chart...]',
  description:
    'Judges each chart and its provenance (CHART.tgz.prov) without any log, and without the network if they are files: archive, ' +
    "name, signature, signer. The key is judged at the signature's own time, which only a log could " +
    `prove. Given a .prov file, judges that alone and does not look at the archive.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS}`,
  examples: ['inspect hello-0.1.0.tgz', 'inspect hello-0.1.0.tgz.prov --keyring publisher.asc --output json'],
  options: [
    ...KEYRING_OPTIONS,
    ...SIGNER_OPTIONS,
    ...CHART_OPTIONS,
    ...REFERENCE_OPTIONS,
    'as',
    'policy',
    'verbose',
    'output',
  ],
  run: async (operands, settings, context, show) => {
    const signedName = settings.one('as');
    const requirements = requirementsOf(settings, signedName);
    return await withCharts(operands, settings, context, { signedName }, async (charts) => {
      const keyring = await openUserKeyring(settings, context);
      return await answerForCharts(charts, context, show, {
        good: 'inspected',
        work: async (files) => {
          const { chart, found } = await inspectChart(files, requirements, keyring, context.now());
          const { report, unjudged: error } = found;
          return {
            text: inspectionText(chart, found, settings.has('verbose')),
            members: inspectionMembers(chart, found),
            ...(error && { error }),
            ...(report.kind === 'refuted' && { diagnosis: rejection(report.failure, files.label) }),
          };
        },
      });
    });
  },
});
