import type { ChartFiles, NamedCharts } from '../chart/chart-files.ts';
import type { Answer } from '../cli/answer.ts';
import { answerForCharts, type ChartWork } from '../cli/chart-results.ts';
import type { Printer } from '../cli/printer.ts';
import { InputError } from '../errors.ts';
import { askNobody } from '../log-view/ask.ts';
import { requiredOfOpenPgp, type Requirements } from '../policy/requirements.ts';
import { logDocument } from '../render/json.ts';
import type { RunContext } from '../run/context.ts';
import { withLogOffline } from '../run/offline-log.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import type { KeyringOption, LogOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { evidenceVerifier } from './evidence-verifier.ts';
import type { EvidenceFinder } from './found-evidence.ts';
import { KeptProver } from './prove-kept.ts';
import { bundlePastOnce, provenanceTrustOnce, type ProvingRun } from './proving-run.ts';
import { underPolicy, type ChartVerifier } from './verify-chart.ts';

/** What is verified offline, and how. */
interface Verifying extends Pick<ProvingRun, 'looksInside'> {
  readonly charts: NamedCharts;
  /** What is required of every chart. */
  readonly general: Requirements;
  readonly findEvidence: EvidenceFinder;
}

/**
 * Does the work for each chart with its evidence, the keyring, the trusted keys and the history that the settings name,
 * and without any network.
 * @param workOf what to do with a chart, given how one is verified, and the URL of the log
 * @throws UsageError or InputError as `withLogOffline` and `openUserKeyring` do
 */
export async function answerOffline(
  { charts, general, findEvidence, looksInside }: Verifying,
  settings: Settings<LogOption | KeyringOption>,
  context: RunContext,
  show: Printer['show'],
  workOf: (verify: ChartVerifier, server: string) => ChartWork,
): Promise<Answer> {
  const worked = await withLogOffline(settings, context, async (log) => {
    const keyring = await openUserKeyring(settings, context, true);
    const sigstoreTrust = provenanceTrustOnce(settings, context, log);
    const bundlePast = bundlePastOnce(settings, context, true);
    const run = { log, keyring, context, looksInside, sigstoreTrust, bundlePast };
    const prover = Promise.resolve(new KeptProver(run, askNobody));
    // What does not hold cannot be made good by a log.
    const find: EvidenceFinder = async (chart) => ({ ...(await findEvidence(chart)), isOffered: false });
    const byEvidence = evidenceVerifier(find, run, requiredOfOpenPgp(general), () => prover);
    const verify: ChartVerifier = async (chart) => ({
      ...((await byEvidence(chart)) ?? (await noEvidence(chart))),
      unknown: UNKNOWN,
    });
    const settle = () => log.history.remember();
    return await answerForCharts(charts, context, show, {
      ...workOf(underPolicy(verify, general, context), log.server.href),
      settle,
    });
  });
  const { result } = worked;
  return { ...result, document: { offline: true, ...logDocument(worked), ...result.document } };
}

const UNKNOWN =
  'not known are revocations of the key that its keyring does not have, and what the log shows now';

async function noEvidence(chart: ChartFiles): Promise<never> {
  // A chart that is not there is another matter.
  await chart.archive();
  // So is one that nobody signed, about which a policy may decide.
  await chart.provenance();
  throw new InputError(`there is no evidence of ${chart.label} beside it, which --offline needs`, {
    consumer: 'helm sigstore evidence writes it beside the chart, on a machine with network',
    publisher:
      'helm sigstore upload and helm sigstore evidence write it beside the chart, in a run with network',
  });
}
