import { withChart } from '../chart/chart-files.ts';
import { diagnose, statusOf } from '../cli/diagnose.ts';
import { worstStatus } from '../cli/exit-status.ts';
import { SigstoreError, type Diagnosis } from '../errors.ts';
import { draftPolicy, type DraftedChart, type DraftSources } from '../policy/draft-policy.ts';
import { requirementsOf } from '../proving/chart-evidence.ts';
import { trustOnce } from '../proving/proving-run.ts';
import { draftChart } from '../proving/draft-chart.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS, withCharts } from '../proving/named-charts.ts';
import { defineCommand } from '../run/command.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import {
  CHART_OPTIONS,
  KEYRING_OPTIONS,
  REFERENCE_OPTIONS,
  SIGNER_OPTIONS,
  TRUST_OPTIONS,
  type KeyringOption,
  type TrustOption,
} from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';

export const policyInit = defineCommand({
  arguments: '[chart...]',
  description:
    'Prints a policy made of charts in use: who signed each, by the keys at hand and by its Sigstore bundles, and the digest of ' +
    'each that nobody signed; with the keys, the log and the trusted root that options and variables name. ' +
    `It is a draft to be reviewed, installs nothing, and asks no log.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS}`,
  examples: [
    'policy init example/hello --keyring publisher.asc > helm-sigstore.yaml',
    'policy init *.tgz --keyring publisher.asc > helm-sigstore.yaml',
  ],
  options: [
    ...TRUST_OPTIONS,
    ...KEYRING_OPTIONS,
    ...SIGNER_OPTIONS,
    ...CHART_OPTIONS,
    ...REFERENCE_OPTIONS,
    'output',
  ],
  run: async (operands, settings, context) => {
    const requirements = requirementsOf(settings);
    const keyring = await openUserKeyring(settings, context);
    const trust = trustOnce(settings, context);
    const drafted: DraftedChart[] = [];
    const diagnoses: Diagnosis[] = [];
    await withCharts(operands, settings, context, {}, async (charts) => {
      for (const chart of charts) {
        try {
          drafted.push(
            await withChart(chart, () => draftChart(chart, requirements, keyring, trust, context.now())),
          );
        } catch (error) {
          if (!(error instanceof SigstoreError)) throw error;
          diagnoses.push(diagnose(error));
        }
      }
    });
    const text = draftPolicy(drafted, sourcesOf(settings), context.now());
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

/** What the user said that charts are judged by: beside a policy, neither options nor variables for it count. */
function sourcesOf(settings: Settings<KeyringOption | TrustOption>): DraftSources {
  const { values: publicKeys } = settings.given('rekorPublicKey');
  const server = settings.given('rekorServer');
  const [url] = server.values;
  const namesLog = publicKeys.length > 0 || !(server.from === 'default' || server.from === 'nowhere');
  const trustedRoot = settings.one('trustedRoot');
  return {
    keys: [...settings.all('keyring'), ...settings.all('publicKey')],
    ...(url !== undefined && namesLog && { log: { url, publicKeys } }),
    ...(trustedRoot !== undefined && trustedRoot !== 'sigstore' && { trustedRoot }),
  };
}
