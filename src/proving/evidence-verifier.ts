import type { ChartFiles, NamedBundles, NamedBytes } from '../chart/chart-files.ts';
import { InputError } from '../errors.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { OfflineLog } from '../run/offline-log.ts';
import { outcomeOf } from '../verification/checks.ts';
import type { EvidenceFinder } from './found-evidence.ts';
import type { ReportedChart } from './prove-chart.ts';
import type { KeptProver } from './prove-kept.ts';
import type { ProvingRun } from './proving-run.ts';

/** What came of a chart, and whether that is by evidence that was kept. */
export interface VerifiedChart extends ReportedChart {
  /** Where the evidence is, for people; undefined: the log was asked. */
  readonly keptIn?: string;
  /** The bundle of its provenance that proved it; undefined: none did. */
  readonly provenanceBundle?: Uint8Array;
  /** The file with the Sigstore bundle that proved it, and the image manifest if that is what it signs; undefined: none did. */
  readonly bundle?: NamedBundles | undefined;
  /** What cannot be known of it, as the run is offline; one line. */
  readonly unknown?: string;
}

/** Judges a chart by one piece of its evidence. */
type Proving = (chart: ChartFiles, found: NamedBytes) => Promise<VerifiedChart>;

/** What came of one piece of evidence: a report, or the error that it cannot be read. */
type Outcome = { readonly verified: VerifiedChart } | { readonly error: InputError };

/**
 * Verifies charts by the first piece of their evidence that proves them. Where none does, what the user keeps is what counts:
 * what came of its first piece is the answer. Of what was offered there is no answer then, as it says nothing of the log.
 * @param proverOf what judges entries that were kept
 * @returns undefined where there is no evidence, or none of what was offered holds
 */
export function evidenceVerifier(
  findEvidence: EvidenceFinder,
  run: ProvingRun<OfflineLog>,
  general: Requirements,
  proverOf: () => Promise<Pick<KeptProver, 'prove'>>,
): (chart: ChartFiles) => Promise<VerifiedChart | undefined> {
  const byEntries: Proving = async (chart, found) => ({
    ...(await (await proverOf()).prove(chart, found, general)),
    keptIn: found.label,
  });
  const byBundle: Proving = async (chart, found) => {
    const { proveByBundle } = await import('./prove-by-bundle.ts');
    const proved = await proveByBundle(chart, found, general, run);
    const isProven = proved.report.verdict === 'verified';
    return { ...proved, keptIn: found.label, ...(isProven && { provenanceBundle: found.bytes }) };
  };
  return async (chart) => {
    const { all, isOffered, bundles } = await findEvidence(chart);
    const failures: (Outcome & { readonly label: string })[] = [];
    for await (const [found, prove] of attempts(all, bundles, byEntries, byBundle)) {
      const outcome = await outcomeFrom(prove(chart, found));
      if ('verified' in outcome && outcome.verified.report.verdict === 'verified') {
        for (const { label } of isOffered ? [] : failures)
          run.context.stderr.warn(`${label} does not prove the chart, and ${found.label} does`);
        return outcome.verified;
      }
      failures.push({ ...outcome, label: found.label });
      if (isContradiction(outcome)) break;
    }
    const [first] = failures;
    if (first === undefined || isOffered) return undefined;
    if ('error' in first) throw first.error;
    return first.verified;
  };
}

/** Entries come first. Bundles are looked for only when they are asked for. */
async function* attempts(
  entries: readonly NamedBytes[],
  bundles: (() => Promise<readonly NamedBytes[]>) | undefined,
  byEntries: Proving,
  byBundle: Proving,
): AsyncGenerator<readonly [NamedBytes, Proving]> {
  for (const found of entries) yield [found, byEntries];
  for (const found of (await bundles?.()) ?? []) yield [found, byBundle];
}

async function outcomeFrom(proving: Promise<VerifiedChart>): Promise<Outcome> {
  try {
    return { verified: await proving };
  } catch (error) {
    if (error instanceof InputError) return { error };
    throw error;
  }
}

/** A log that contradicts itself is not made good by anything beside it. */
function isContradiction(outcome: Outcome): boolean {
  return (
    'verified' in outcome && outcomeOf('consistency', outcome.verified.report.evidence.checks) === 'failed'
  );
}
