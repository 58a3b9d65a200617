import { withChart } from '../chart/chart-files.ts';
import { diagnose, statusOf } from '../cli/diagnose.ts';
import { worstStatus } from '../cli/exit-status.ts';
import { SigstoreError, type Diagnosis } from '../errors.ts';
import { draftPolicy, type DraftedChart } from '../policy/draft-policy.ts';
import { requirementsOf } from '../proving/chart-evidence.ts';
import { draftChart } from '../proving/draft-chart.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS, withCharts } from '../proving/named-charts.ts';
import { defineCommand } from '../run/command.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import {
  CHART_OPTIONS,
  KEYRING_OPTIONS,
  REFERENCE_OPTIONS,
  SIGNER_OPTIONS,
} from '../settings/option-groups.ts';

export const policyInit = defineCommand({
  arguments: '[chart...]',
  description:
    'Prints a policy made of charts in use: who signed each, by the keys at hand, and the digest of each that nobody signed. ' +
    `It is a draft to be reviewed, installs nothing, and asks no log.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS}`,
  examples: ['policy init *.tgz --keyring publisher.asc > helm-sigstore.yaml'],
  options: [...KEYRING_OPTIONS, ...SIGNER_OPTIONS, ...CHART_OPTIONS, ...REFERENCE_OPTIONS, 'output'],
  run: async (operands, settings, context) => {
    const requirements = requirementsOf(settings);
    const keyring = await openUserKeyring(settings, context);
    const drafted: DraftedChart[] = [];
    const diagnoses: Diagnosis[] = [];
    await withCharts(operands, settings, context, {}, async (charts) => {
      for (const chart of charts) {
        try {
          drafted.push(await withChart(chart, () => draftChart(chart, requirements, keyring, context.now())));
        } catch (error) {
          if (!(error instanceof SigstoreError)) throw error;
          diagnoses.push(diagnose(error));
        }
      }
    });
    const text = draftPolicy(drafted, context.now());
    const leftOut = drafted.filter(({ problem, pattern }) => problem !== undefined || pattern === undefined);
    for (const { label } of leftOut)
      context.stderr.warn(`${label} is left out: a comment in the policy says why`);
    return {
      status: worstStatus(diagnoses.map(statusOf)),
      text,
      document: { policy: `${text.join('\n')}\n`, charts: drafted },
      ...(diagnoses.length > 0 && { diagnoses }),
    };
  },
});
