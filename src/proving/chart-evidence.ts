import type { ChartFiles } from '../chart/chart-files.ts';
import type { Depth, PackedChart } from '../chart/packed-chart.ts';
import type { SignedChart } from '../chart/signed-chart.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { Provenance } from '../provenance/provenance.ts';
import type { ChartEvidence } from '../verification/chart-evidence.ts';
import type { AcceptableSigners } from '../verification/signature-check.ts';
import { fingerprintsOf } from '../settings/fingerprints.ts';
import type { SignerOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * What the settings require of charts.
 * @param signedName the file name that the user says was signed
 * @throws UsageError, so ask before any work
 */
export function requirementsOf(settings: Settings<SignerOption>, signedName?: string): Requirements {
  return {
    signers: fingerprintsOf(settings),
    signedName,
    allowWeak: settings.has('allowWeak'),
    consistency: 'if-known',
  };
}

/** The same, where the user may also require that the log is compared with what was seen of it before. */
export function requirementsWithConsistency(
  settings: Settings<SignerOption | 'requireConsistency'>,
  signedName: string | undefined,
): Requirements {
  const consistency = settings.has('requireConsistency') ? 'required' : 'if-known';
  return { ...requirementsOf(settings, signedName), consistency };
}

/** The keys of the keyring that may have signed a chart, and what is required of them. */
export function acceptableSigners(
  { issuer }: Provenance,
  keyring: Keyring,
  { signers, allowWeak }: Requirements,
): AcceptableSigners {
  return { candidates: keyring.find(issuer), places: keyring.places, fingerprints: signers, allowWeak };
}

/** A chart that was read, with those who may have signed it. */
export function chartEvidence(
  { archive, provenance }: SignedChart,
  signers: AcceptableSigners,
  { signedName = archive.name, expected }: Requirements,
): ChartEvidence {
  return { archive, signedName, provenance, signers, expected };
}

/**
 * The Chart.yaml in an archive that was read, opened when it is asked for, and once.
 * @param depth whether the charts in it are listed as well
 * @returns a function that throws InputError if it cannot be read, or Helm would not take it for a chart
 */
export function packedChart(
  chart: Pick<ChartFiles, 'label' | 'archive'>,
  archive: SignedChart['archive'],
  depth?: Depth,
): () => Promise<PackedChart> {
  let packed: Promise<PackedChart> | undefined;
  const open = async () =>
    await (await import('../chart/packed-chart.ts')).readPackedChart(chart, archive, depth);
  return () => (packed ??= open());
}
