import type { NamedChart } from '../chart/named-chart.ts';
import type { SignedChart } from '../chart/signed-chart.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { Provenance } from '../provenance/provenance.ts';
import type { AcceptableSigners, ChartEvidence } from '../verification/chart-checks.ts';
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

/** What is demanded of this chart: an index that names it says which name has to be signed, unless the user does. */
export function demandsFor({ indexed }: NamedChart, demands: Demands): Demands {
  return { ...demands, signedName: demands.signedName ?? indexed?.signedName };
}

/** The keys of the keyring that may have signed a chart, and what is demanded of them. */
export function acceptableSigners(
  { issuer }: Provenance,
  keyring: Keyring,
  { fingerprints, allowWeak }: Demands,
): AcceptableSigners {
  return { candidates: keyring.find(issuer), places: keyring.places, fingerprints, allowWeak };
}

/** A chart that was read, with those who may have signed it. */
export function chartEvidence(
  { archive, provenance }: SignedChart,
  signers: AcceptableSigners,
  { signedName = archive.name }: Demands,
): ChartEvidence {
  return { archive, signedName, provenance, signers };
}
