import { askedOf } from '../policy/chart-rules.ts';
import { explainRules } from '../policy/explain-rules.ts';
import { answerForNamed } from '../proving/answer-verified.ts';
import { givenBundleFlags } from '../proving/given-bundle-flags.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS } from '../proving/named-charts.ts';
import { decidedResult } from '../render/policy-text.ts';
import { defineCommand } from '../run/command.ts';
import { requirePolicy } from '../run/require-policy.ts';
import { NARROWING_OPTIONS, VERIFYING_OPTIONS } from '../settings/option-groups.ts';

type Explaining = Parameters<typeof answerForNamed>[1];

export const policyExplain = defineCommand({
  arguments: '[chart...]',
  description:
    'Goes through every rule of the policy for each chart: whether it is about the chart, or why not, and what each signer ' +
    `lacks. The status is that of helm sigstore policy check.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS}`,
  examples: ['policy explain hello-0.1.0.tgz --policy helm-sigstore.yaml'],
  options: [...VERIFYING_OPTIONS, ...NARROWING_OPTIONS, 'output'],
  run: async (operands, settings, context, show) => {
    const { policy, keyIds } = requirePolicy(context);
    const showing: Explaining = {
      good: 'accepted',
      bundles: await givenBundleFlags(settings.lacking(), context),
      reaching: { looksPastGate: true },
      resultOf: (decided, { chart, server, general }) => {
        const { evidences } = decided.report;
        const asked = askedOf(chart, general.signedName);
        const rules = explainRules(policy, asked, evidences, general, context.now(), keyIds);
        return decidedResult(decided, { server }, rules, chart.refused);
      },
    };
    return await answerForNamed(operands, showing, settings, context, show);
  },
});
