import { hasFiles, type ChartFiles, type NamedChart } from '../chart/chart-files.ts';
import { isWithoutProvenance } from '../chart/no-provenance.ts';
import { InputError } from '../errors.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { askedOf } from '../policy/chart-rules.ts';
import { identityForDraft } from '../policy/draft-identity.ts';
import type { DraftedChart } from '../policy/draft-policy.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import { NO_SIGNERS } from './asked-bundles.ts';
import { inspectChart } from './inspect-chart.ts';
import { NoKeyError } from './judge-bundle-file.ts';

/**
 * What a draft of a policy says of a chart: who signed it, by the keys of the keyring and by its Sigstore bundles, and without asking
 * a log.
 * @param trust what vouches for the signers of bundles
 * @param now seconds since 1970
 * @throws InputError if there is no chart, or it cannot be read
 */
export async function draftChart(
  chart: NamedChart,
  general: Requirements,
  keyring: Keyring,
  trust: () => Promise<SigstoreTrust>,
  now: number,
): Promise<DraftedChart> {
  if (!hasFiles(chart))
    throw 'problem' in chart ? chart.problem : new InputError(`${chart.label} ${chart.nothing}`);
  const { label } = chart;
  const asked = askedOf(chart);
  const [first, second] = asked.named;
  const pattern = asked.reference ?? (second === undefined ? first?.name : undefined);
  const { sha256 } = await (await chart.archive()).read();
  const { isBroken, ...bundles } = await draftBundles(chart, general, trust, now);
  const about = { label, pattern, sha256, ...bundles };
  try {
    const { found } = await inspectChart(chart, general, keyring, now);
    const { report, signer } = found;
    if (report.kind === 'refuted')
      return { ...about, problem: `${report.failure.id}: ${report.failure.detail}` };
    if (signer === undefined) return { ...about, problem: 'nobody knows who signed it' };
    const { primaryFingerprint: fingerprint, userIds } = signer;
    return { ...about, signer: { fingerprint, userIds } };
  } catch (error) {
    if (!isWithoutProvenance(error)) throw error;
    // What does not hold is excused by no rule, also by one that names the digest.
    const problem = `its Sigstore bundle does not hold: ${about.bundleProblem ?? ''}`;
    return isBroken ? { ...about, problem } : about;
  }
}

/** Who signed the bundles of a chart, or why they name nobody. */
async function draftBundles(
  chart: ChartFiles,
  general: Requirements,
  trust: () => Promise<SigstoreTrust>,
  now: number,
): Promise<Pick<DraftedChart, 'identities' | 'bundleProblem'> & { readonly isBroken: boolean }> {
  if ((await chart.bundles()).length === 0) return { isBroken: false };
  // What judges bundles is loaded for charts that have some.
  const { judgeBundlesOf } = await import('./chart-bundles.ts');
  const judging = { signers: NO_SIGNERS, trust: await trust(), predicateTypes: undefined, now };
  try {
    const { reports } = await judgeBundlesOf(chart, general, judging);
    const found = reports.map(identityForDraft);
    const identities = found.filter((each) => 'identity' in each);
    if (identities.length > 0) return { identities, isBroken: false };
    const [first] = found.filter((each) => 'problem' in each);
    return first === undefined ? { isBroken: false } : { bundleProblem: first.problem, isBroken: true };
  } catch (error) {
    // One by a key says nothing as long as nobody names the key.
    if (!(error instanceof InputError)) throw error;
    return { bundleProblem: error.message, isBroken: !(error instanceof NoKeyError) };
  }
}
