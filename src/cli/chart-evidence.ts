import type { SignedChart } from '../chart/signed-chart.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { ChartEvidence } from '../verification/chart-checks.ts';
import type { Settings } from './settings.ts';

/** A chart that was read, with the keys of the keyring that may have signed it and the settings of the run. */
export function chartEvidence(
  { archive, provenance }: Pick<SignedChart, 'archive' | 'provenance'>,
  keyring: Keyring,
  settings: Settings,
): ChartEvidence {
  return {
    archive,
    signedName: settings.one('as') ?? archive.name,
    provenance,
    signers: {
      candidates: keyring.find(provenance.issuer),
      places: keyring.places,
      fingerprints: settings.fingerprints,
    },
  };
}
