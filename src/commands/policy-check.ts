import { answerForNamed, type Showing } from '../proving/answer-verified.ts';
import { givenBundleFlags } from '../proving/given-bundle-flags.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS } from '../proving/named-charts.ts';
import { decidedResult } from '../render/policy-text.ts';
import { defineCommand } from '../run/command.ts';
import { requirePolicy } from '../run/require-policy.ts';
import { NARROWING_OPTIONS, VERIFYING_OPTIONS } from '../settings/option-groups.ts';

export const policyCheck = defineCommand({
  arguments: '[chart...]',
  description:
    'Says what the policy makes of each chart: the verdict, the rule that decides, and why. Charts are verified as ' +
    `helm sigstore verify does it.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS}`,
  examples: [
    'policy check hello-0.1.0.tgz --policy helm-sigstore.yaml',
    'policy check *.tgz --offline --output jsonl',
  ],
  options: [...VERIFYING_OPTIONS, ...NARROWING_OPTIONS, 'output'],
  run: async (operands, settings, context, show) => {
    requirePolicy(context);
    const showing: Showing = {
      good: 'accepted',
      bundles: await givenBundleFlags(settings.lacking(), context),
      resultOf: (decided, { server }) => decidedResult(decided, { server }),
    };
    return await answerForNamed(operands, showing, settings, context, show);
  },
});
