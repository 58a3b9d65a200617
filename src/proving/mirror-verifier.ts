import type { MirroredChart } from '../mirror/manifest.ts';
import type { EvidenceKinds } from '../policy/requirements.ts';
import type { RunContext } from '../run/context.ts';
import type { LogOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { orByBundles, type AskedOfCharts } from './answer-verified.ts';
import { NO_SIGNERS, type BundleFlags } from './asked-bundles.ts';
import type { MirrorChart } from './verify-mirror.ts';
import type { ChartVerifier } from './verify-chart.ts';

/**
 * Verifies each chart of a mirror by those whom the manifest names, as all of a mirror is verified, and by those whom flags
 * name. Under a policy its rules say who counts.
 * @param verify verifies by OpenPGP and evidence
 */
export function mirrorVerifier(
  verify: ChartVerifier,
  asked: AskedOfCharts,
  settings: Settings<LogOption | 'requireKinds'>,
  context: RunContext,
): (chart: MirrorChart) => ReturnType<ChartVerifier> {
  if (context.policy !== undefined) return orByBundles(verify, asked, settings, context);
  // A fingerprint asks for OpenPGP as well.
  const isOpenPgpAsked = settings.one('requireKinds') === 'openpgp' || asked.general.signers.length > 0;
  const verifiers = new Map<EvidenceKinds, ChartVerifier>();
  return async (chart) => {
    const kinds = kindsFor(chart.manifested, asked, isOpenPgpAsked);
    let verifier = verifiers.get(kinds);
    if (verifier === undefined) {
      const flags = asked.bundles ?? NO_FLAGS;
      const bundles = kinds === 'openpgp' ? undefined : { ...flags, required: { ...flags.required, kinds } };
      verifier = orByBundles(
        verify,
        { ...asked, general: { ...asked.general, kinds }, bundles },
        settings,
        context,
      );
      verifiers.set(kinds, verifier);
    }
    return await verifier(chart);
  };
}

const NO_FLAGS: BundleFlags = {
  signers: NO_SIGNERS,
  predicateTypes: undefined,
  required: { kinds: 'bundle' },
};

/** Which kinds of evidence have to hold for a chart. */
function kindsFor(
  { signer, identity, key }: MirroredChart,
  { bundles }: AskedOfCharts,
  isOpenPgpAsked: boolean,
): EvidenceKinds {
  const asked = bundles?.required.kinds;
  const isBothAsked = asked === 'both';
  const byOpenPgp = signer !== undefined || isBothAsked || isOpenPgpAsked;
  const byBundle = identity !== undefined || key !== undefined || isBothAsked || asked === 'bundle';
  if (byOpenPgp && byBundle) return 'both';
  return byBundle ? 'bundle' : 'openpgp';
}
