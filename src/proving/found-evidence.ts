import type { ChartFiles, NamedBytes } from '../chart/chart-files.ts';
import { EVIDENCE_LIMIT } from '../evidence/evidence.ts';
import { isSigstoreBundle } from '../evidence/is-sigstore-bundle.ts';
import { readUserFile } from '../files/user-file.ts';
import type { Context } from '../run/context.ts';
import type { Settings } from '../settings/settings.ts';
import { evidencePlaceOf } from './evidence-place.ts';

/**
 * Finds the evidence of a chart; empty where there is none. Throws InputError if it cannot be read, or is missing where
 * the user says that it is.
 */
export type EvidenceFinder = (chart: ChartFiles) => Promise<FoundEvidence>;

/** Pieces of evidence, each of which may prove the chart. */
interface FoundEvidence {
  readonly all: readonly NamedBytes[];
  /**
   * Whether a server offered it: what does not hold is passed over then, because it says nothing of the log. Evidence that
   * the user keeps has to hold.
   */
  readonly isOffered: boolean;
  /** Sigstore bundles of its provenance, which are looked for where none of the others proves the chart; absent: nowhere. */
  readonly bundles?: () => Promise<readonly NamedBytes[]>;
}

/** What is kept with a chart, or offered where it is. */
export const evidenceOf: EvidenceFinder = async (chart) => {
  const all = await chart.evidence();
  return { all, isOffered: chart.isElsewhere, bundles: () => chart.provenanceBundles() };
};

/** The same without bundles, for what keeps entries of a log. */
export const entriesOf: EvidenceFinder = async (chart) => {
  const all = await chart.evidence();
  return { all, isOffered: chart.isElsewhere };
};

/**
 * Evidence as the settings name it: one file, or what is kept with each chart.
 * @throws UsageError if one file is named for several charts
 */
export function evidenceFinder(
  settings: Settings<'evidence'>,
  charts: { readonly length: number },
  { interrupted }: Pick<Context, 'interrupted'>,
): EvidenceFinder {
  const named = settings.one('evidence');
  evidencePlaceOf(settings, charts);
  if (named === undefined) return evidenceOf;
  return async () => {
    const bytes = await readUserFile(named, { limit: EVIDENCE_LIMIT, interrupted });
    const found = [{ label: named, bytes }];
    if (isSigstoreBundle(bytes)) return { all: [], isOffered: false, bundles: () => Promise.resolve(found) };
    return { all: found, isOffered: false };
  };
}
