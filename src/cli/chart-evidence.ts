import type { SignedChart } from '../chart/signed-chart.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { ChartEvidence } from '../verification/chart-checks.ts';
import type { Settings } from './settings.ts';

/** Which charts the user accepts. */
export interface Demands {
  /** Primary fingerprints of signers; empty: any of the keyring. */
  readonly fingerprints: readonly string[];
  /** The file name that must be signed; undefined: that of the archive. */
  readonly signedName: string | undefined;
  /** Whether signatures by weak algorithms count. */
  readonly allowWeak: boolean;
}

/** What the settings demand of charts. @throws UsageError, so ask before any work */
export function demandsOf(settings: Settings): Demands {
  return {
    fingerprints: settings.fingerprints,
    signedName: settings.one('as'),
    allowWeak: settings.has('allowWeak'),
  };
}

/** A chart that was read, with the keys of the keyring that may have signed it and what is demanded of it. */
export function chartEvidence(
  { archive, provenance }: Pick<SignedChart, 'archive' | 'provenance'>,
  keyring: Keyring,
  { fingerprints, signedName, allowWeak }: Demands,
): ChartEvidence {
  return {
    archive,
    signedName: signedName ?? archive.name,
    provenance,
    signers: { candidates: keyring.find(provenance.issuer), places: keyring.places, fingerprints, allowWeak },
  };
}
