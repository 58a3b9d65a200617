import { askedOf } from '../policy/chart-rules.ts';
import { explainRules } from '../policy/explain-rules.ts';
import { answerByPolicy } from '../proving/answer-by-policy.ts';
import { requirementsWithConsistency } from '../proving/chart-evidence.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS, withCharts } from '../proving/named-charts.ts';
import { decidedResult } from '../render/policy-text.ts';
import { defineCommand } from '../run/command.ts';
import { requirePolicy } from '../run/required-policy.ts';
import { PROVING_OPTIONS, REFERENCE_OPTIONS } from '../settings/option-groups.ts';

export const policyExplain = defineCommand({
  arguments: '[chart...]',
  description:
    'Goes through every rule of the policy for each chart: whether it is about the chart, or why not, and what each signer ' +
    `lacks. The status is that of helm sigstore policy check.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS}`,
  examples: ['policy explain hello-0.1.0.tgz --policy helm-sigstore.yaml'],
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
    const { policy } = requirePolicy(context);
    const signedName = settings.one('as');
    const requirements = requirementsWithConsistency(settings, signedName);
    const naming = { signedName, accepted: settings.has('offline') ? 'files' : 'all' } as const;
    return await withCharts(operands, settings, context, naming, (charts) =>
      answerByPolicy(charts, requirements, settings, context, show, (decided, chart, server) => {
        const { evidences } = decided.report;
        const asked = askedOf(chart, signedName);
        const rules = explainRules(policy, asked, evidences, requirements, context.now());
        return decidedResult(decided, { server }, rules);
      }),
    );
  },
});
