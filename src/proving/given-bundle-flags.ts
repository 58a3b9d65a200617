import type { RunContext } from '../run/context.ts';
import { CHART_BUNDLE_OPTIONS, type ChartBundleOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { BundleFlags } from './asked-bundles.ts';

/**
 * What flags say of Sigstore bundles; undefined: nothing was given, and what reads them is not loaded.
 * @throws UsageError or InputError as `bundleFlagsOf` does
 */
export async function givenBundleFlags(
  settings: Settings<ChartBundleOption | 'fingerprint'>,
  context: RunContext,
): Promise<BundleFlags | undefined> {
  if (!CHART_BUNDLE_OPTIONS.some((name) => settings.isGiven(name))) return undefined;
  const { bundleFlagsOf } = await import('./asked-bundles.ts');
  return await bundleFlagsOf(settings, context);
}
