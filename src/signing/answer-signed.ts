import type { ChartFiles } from '../chart/chart-files.ts';
import { requireHelm } from '../files/users-helm.ts';
import type { Answer } from '../cli/answer.ts';
import { answerForCharts } from '../cli/chart-results.ts';
import type { Printer } from '../cli/printer.ts';
import { InputError, UsageError } from '../errors.ts';
import { Deadline, limitsOf } from '../http/deadline.ts';
import { openKeyring } from '../keyring/keyring.ts';
import type { KeyringSource } from '../keyring/source.ts';
import { requirementsOf } from '../proving/chart-evidence.ts';
import { withCharts } from '../proving/named-charts.ts';
import { signingMembers, signingText } from '../render/signing-text.ts';
import type { RunContext } from '../run/context.ts';
import { withoutLogToken } from '../run/log-token.ts';
import { userKeys } from '../run/user-keyring.ts';
import { LOG_OPTIONS, type SigningOption } from '../settings/option-groups.ts';
import { spellingOf, type OptionName } from '../settings/options.ts';
import type { Settings } from '../settings/settings.ts';
import { timeLimitOf } from '../settings/time-limit.ts';
import { DIGESTS } from './digest.ts';
import { Gpg } from './gpg.ts';
import { passphraseOf, requireOneInput } from './passphrase.ts';
import { signChart, type SigningRun } from './sign-chart.ts';
import { openSigningKey } from './signing-key.ts';

/**
 * Signs each of the charts that a command line names with the user's own gpg, uploads it if the settings say so, and answers.
 * @throws UsageError on options that contradict each other, or a key of which there are several
 * @throws InputError if gpg cannot be run, or has no key that is good today
 */
export async function answerSigned(
  operands: readonly string[],
  settings: Settings<SigningOption>,
  context: RunContext,
  show: Printer['show'],
): Promise<Answer> {
  const isUploaded = settings.has('upload');
  const without = ONLY_TO_UPLOAD.find((name) => settings.isGiven(name));
  if (without !== undefined && !isUploaded)
    throw new UsageError(`${spellingOf(without)} is about an upload, but --upload was not given`);
  requireOneInput(settings);
  return await withCharts(operands, settings.lacking(), context, { accepted: 'files' }, async (charts) => {
    const run = await openSigning(settings, context);
    const sign = async (chart: ChartFiles) => {
      const report = await signChart(chart, run);
      const wasThere = report.outcome === 'unchanged';
      return { text: signingText(report, isUploaded), members: signingMembers(report), wasThere };
    };
    if (!isUploaded)
      return await answerForCharts(charts, context, show, {
        good: 'signed',
        wasThere: 'already signed',
        work: sign,
      });
    // Loaded for those who upload.
    const { answerUploaded } = await import('../proving/answer-uploaded.ts');
    const openKeyring = () => Promise.resolve(run.judge.keyring);
    return await answerUploaded(charts, settings.lacking(), context, show, { openKeyring, prepare: sign });
  });
}

/** Options that say nothing where nothing is uploaded. */
const ONLY_TO_UPLOAD: readonly OptionName[] = [
  ...LOG_OPTIONS.filter((name) => name !== 'caFile' && name !== 'timeout'),
  'rekorVersion',
  'evidence',
  'noEvidence',
];

async function openSigning(settings: Settings<SigningOption>, context: RunContext): Promise<SigningRun> {
  const { env, platform, interrupted, now } = context;
  const limits = limitsOf(timeLimitOf(settings));
  const deadline = () => new Deadline(limits, interrupted);
  const requirements = requirementsOf(settings.lacking());
  const wanted = settings.one('digest');
  const passphrase = await passphraseOf(settings, context);
  const gpg = new Gpg({ env: withoutLogToken(env), platform, deadline, interrupted, passphrase });
  const wishes = {
    named: settings.one('signKey'),
    digest: DIGESTS.find((digest) => digest === wanted),
  };
  const isNamed = settings.all('keyring').length + settings.all('publicKey').length > 0;
  // What they know of revocations counts.
  const withNamed = async (source: KeyringSource) =>
    openKeyring([source, ...(isNamed ? await userKeys(settings, context) : [])]);
  const key = await openSigningKey(gpg, wishes, withNamed, now());
  const { primaryFingerprint } = key.signer;
  if (requirements.signers.length > 0 && !requirements.signers.includes(primaryFingerprint))
    throw new InputError(
      `the key that would sign is ${primaryFingerprint.toUpperCase()}, and not one that --fingerprint names`,
      'name the key that signs with --key',
    );
  return {
    gpg,
    key,
    judge: { keyring: key.keyring, requirements, now },
    helm: () => requireHelm(context, 'that reads the chart'),
    deadline,
    replaces: settings.has('force'),
    isDigestChosen: wanted !== undefined,
    interrupted,
  };
}
