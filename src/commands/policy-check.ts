import { answerByPolicy } from '../proving/answer-by-policy.ts';
import { requirementsWithConsistency } from '../proving/chart-evidence.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS, withCharts } from '../proving/named-charts.ts';
import { decidedResult } from '../render/policy-text.ts';
import { defineCommand } from '../run/command.ts';
import { requirePolicy } from '../run/required-policy.ts';
import { PROVING_OPTIONS, REFERENCE_OPTIONS } from '../settings/option-groups.ts';

export const policyCheck = defineCommand({
  arguments: '[chart...]',
  description:
    'Says what the policy makes of each chart: the verdict, the rule that decides, and why. Charts are verified as ' +
    `helm sigstore verify does it.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS}`,
  examples: [
    'policy check hello-0.1.0.tgz --policy helm-sigstore.yaml',
    'policy check *.tgz --offline --output jsonl',
  ],
  options: [
    ...PROVING_OPTIONS,
    ...REFERENCE_OPTIONS,
    'as',
    'evidence',
    'offline',
    'requireConsistency',
    'policy',
    'output',
  ],
  run: async (operands, settings, context, show) => {
    requirePolicy(context);
    const signedName = settings.one('as');
    const requirements = requirementsWithConsistency(settings, signedName);
    const naming = { signedName, accepted: settings.has('offline') ? 'files' : 'all' } as const;
    return await withCharts(operands, settings, context, naming, (charts) =>
      answerByPolicy(charts, requirements, settings, context, show, (decided, _, server) =>
        decidedResult(decided, { server }),
      ),
    );
  },
});
