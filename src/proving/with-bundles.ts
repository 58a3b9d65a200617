import { isWithoutProvenance } from '../chart/no-provenance.ts';
import type { ChartFiles, NamedBundles } from '../chart/chart-files.ts';
import { InputError } from '../errors.ts';
import { isPassed } from '../render/ruling-text.ts';
import { reportWithBundles, type ChartReport } from '../policy/chart-report.ts';
import { isByOpenPgp } from '../policy/decision.ts';
import { wantedIdentity } from '../policy/identity-pattern.ts';
import type { Requirements, RuleRequirements } from '../policy/requirements.ts';
import type { RunContext } from '../run/context.ts';
import type { WantedSigners } from '../run/wanted-signers.ts';
import type { Settings } from '../settings/settings.ts';
import type { LogOption } from '../settings/option-groups.ts';
import { NO_SIGNERS, type BundleFlags } from './asked-bundles.ts';
import { BundlePast } from './bundle-past.ts';
import { judgeBundlesOf, type JudgedBundles } from './chart-bundles.ts';
import { trustOnce } from './proving-run.ts';
import type { VerifiedChart } from './evidence-verifier.ts';
import type { ChartVerifier } from './verify-chart.ts';

/**
 * Verifies charts by their Sigstore bundles as well, where the settings or the rule of a policy ask for that. A chart without
 * provenance is said to have a bundle, if it has one: whose it is, and how it would count.
 * @param verify verifies by OpenPGP and the log; asked only where that may decide
 * @param flags what flags say of bundles; undefined: nothing
 * @param general what is required of every chart
 * @param isOffline whether no log may be asked for a proof
 * @returns also takes what OpenPGP and the log are known to say of the chart
 */
export function withBundles(
  verify: ChartVerifier,
  flags: BundleFlags | undefined,
  general: Requirements,
  settings: Settings<LogOption>,
  context: RunContext,
  isOffline: boolean,
): (chart: ChartFiles, known?: VerifiedChart) => Promise<VerifiedChart> {
  const { signers: asked = NO_SIGNERS, predicateTypes } = flags ?? {};
  const trust = trustOnce(settings, context);
  const past = new BundlePast(settings, context, isOffline);
  return async (chart, known) => {
    const own = context.policy?.rules.requirementsFor(chart, general) ?? general;
    const wanted = wantedBy(own, asked, context);
    const judge = async (signers: WantedSigners) =>
      await judgeBundlesOf(chart, own, {
        predicateTypes,
        signers,
        trust: await trust(),
        now: context.now(),
        past,
      });
    if (wanted.kinds === 'openpgp') {
      let other: VerifiedChart;
      try {
        other = known ?? (await verify(chart));
      } catch (error) {
        if (!isWithoutProvenance(error) || !(await hasBundles(chart))) throw error;
        return verdictOn(undefined, await judge(NO_SIGNERS)) ?? noBundle(chart);
      }
      // What lies there and does not hold is excused by no rule.
      if (!isPassed(other.report) || !(await hasBundles(chart))) return other;
      return verdictOn(other, await judge(NO_SIGNERS)) ?? other;
    }
    const judged = await judge(wanted.signers);
    if (wanted.kinds !== 'both') {
      const alone = verdictOn(undefined, judged);
      if (alone?.report.verdict === 'verified' || wanted.kinds === 'bundle') return alone ?? noBundle(chart);
    } else if (judged.reports.length === 0) noBundle(chart);
    const other = await otherVerdict(() => verify(chart), judged);
    return verdictOn(other, judged) ?? noBundle(chart);
  };
}

/** What OpenPGP and the log say; undefined: the chart has no provenance, and a bundle says enough of it. */
async function otherVerdict(
  verify: () => Promise<VerifiedChart>,
  { reports, requirements }: JudgedBundles,
): Promise<VerifiedChart | undefined> {
  try {
    return await verify();
  } catch (error) {
    const isEnough = requirements.kinds === 'any' && reports.length > 0;
    if (isEnough && isWithoutProvenance(error)) return undefined;
    throw error;
  }
}

function verdictOn(
  verified: VerifiedChart | undefined,
  { reports, files, archive, requirements }: JudgedBundles,
): VerifiedChart | undefined {
  const report = reportWithBundles(verified?.report, reports, requirements);
  return report && { archive, ...verified, report, bundle: provingFile(report, files) };
}

/** The file that is judged to prove the chart; whatever is there by now. */
function provingFile(
  { verdict, evidences }: ChartReport,
  files: readonly NamedBundles[],
): NamedBundles | undefined {
  if (verdict !== 'verified') return undefined;
  const [proving] = evidences.flatMap((each) => (each.kind === 'proven' && !isByOpenPgp(each) ? [each] : []));
  const found = proving && files.find(({ label }) => label === proving.place);
  if (proving === undefined || found === undefined) return undefined;
  const { label, bytes, manifest, claim } = found;
  return {
    ...{ label, bytes },
    manifest: proving.manifest && manifest,
    claim: proving.isByClaim ? claim : undefined,
  };
}

async function hasBundles(chart: ChartFiles): Promise<boolean> {
  return (await chart.bundles()).length > 0;
}

function noBundle({ label }: ChartFiles): never {
  throw new InputError(`there is no Sigstore bundle of ${label}`, {
    consumer:
      'get CHART.tgz.sigstore.json from where the publisher puts it, beside the archive; or verify by OpenPGP, without signer flags for bundles',
    publisher: 'helm sigstore sign --identity makes one',
  });
}

/** Which kinds of evidence may decide about a chart, and whose bundles count. */
function wantedBy(
  { rule, kinds = 'openpgp' }: Requirements,
  signers: WantedSigners,
  { policy }: Pick<RunContext, 'policy'>,
): { readonly kinds: 'openpgp' | 'bundle' | 'both' | 'any'; readonly signers: WantedSigners } {
  if (rule === undefined) return { kinds, signers };
  const named = signersOf(rule.requires, policy);
  const isNamed = named.identities.length + named.keys.length > 0;
  // With a policy, its rule says how many of whom are needed; bundles are looked at first, as that asks no log.
  return { kinds: isNamed ? 'any' : 'openpgp', signers: named };
}

function signersOf({ signedBy }: RuleRequirements, policy: RunContext['policy']): WantedSigners {
  return {
    identities: signedBy.flatMap((item) => (item.kind === 'identity' ? wantedIdentity(item) : [])),
    keys: signedBy.flatMap((item) => (item.kind === 'key' ? (policy?.signerKeys.get(item.path) ?? []) : [])),
  };
}
