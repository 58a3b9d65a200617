import type { ChartMetadata } from '../chart/archive/metadata.ts';
import type { Sha256 } from '../digest.ts';
import { holdAgainstDigest, type ArchiveEvidence } from './archive-checks.ts';
import type { ChartEvidence } from './chart-evidence.ts';
import { skipped, type Facts, type FailedResult } from './checks.ts';
import { checkOf, idsOf, makeChecks, type MadeChecks } from './make-checks.ts';
import { LOCAL_CHECKS, type LocalCheckId } from './openpgp-rekor.ts';
import { weaknessWarnings } from './signature-check.ts';

/** What the local checks of a chart came to. */
export interface ChartJudgement extends MadeChecks<LocalCheckId> {
  readonly warnings: readonly string[];
  readonly statement?: Statement;
}

/** What evidence is about. It means something only as far as the checks passed. */
export interface Statement {
  /** Of the archive that was judged, in lower-case hexadecimal. */
  readonly sha256: string;
  /** The file name that had to be signed; undefined: there is no provenance. */
  readonly signedName?: string;
  /** When the signature says that it was made, in seconds since 1970; undefined: there is none. */
  readonly signedAt?: number;
  /** Whether nobody knows the key that the signature names, so that nothing can be said of it. */
  readonly isSignerUnknown?: boolean;
}

/** The judgement of a chart that a log may be asked about. */
export interface GoodJudgement extends ChartJudgement {
  readonly facts: Pick<Facts, 'provenance-signature'>;
}

/** Whether every local check passed. */
export function isLocallyGood(judgement: ChartJudgement): judgement is GoodJudgement {
  return judgement.checks.every(({ outcome }) => outcome === 'passed');
}

/** Makes the checks that need no log, at the time `now`. */
export async function judgeChart(chart: ChartEvidence, now: number): Promise<ChartJudgement> {
  const made = await makeChecks(LOCAL_CHECKS, { ...chart, now });
  return {
    ...made,
    warnings: weaknessWarnings(chart.signers, made.facts['provenance-signature']),
    statement: {
      sha256: chart.archive.sha256,
      signedName: chart.signedName,
      signedAt: chart.provenance.signature.created,
      isSignerUnknown: chart.signers.candidates.length === 0,
    },
  };
}

/** A chart that has no provenance. */
export interface UnsignedChart extends Pick<ArchiveEvidence, 'expected'> {
  readonly sha256: Sha256;
  /** Reads the Chart.yaml in the archive. */
  readonly packed: () => Promise<ChartMetadata>;
}

/**
 * The judgement of a chart that has no provenance: no check can pass. What fails is that the archive is another one than was
 * named, which nothing excuses.
 */
export async function judgeUnsigned({ sha256, expected, packed }: UnsignedChart): Promise<ChartJudgement> {
  const failures: Partial<Record<LocalCheckId, FailedResult>> = {};
  const otherDigest = holdAgainstDigest(sha256, expected);
  if (otherDigest !== undefined) failures['archive-digest'] = otherDigest;
  const saysWhich =
    expected && (expected.names.length > 0 || (expected.version ?? expected.readings) !== undefined);
  const otherName = saysWhich && (await import('./packed-checks.ts')).holdUnsigned(expected, await packed());
  if (otherName) failures['archive-name'] = otherName;
  const checks = idsOf<LocalCheckId>(LOCAL_CHECKS).map((id) =>
    checkOf(id, failures[id] ?? skipped('there is no provenance')),
  );
  return { checks, facts: {}, warnings: [], statement: { sha256 } };
}

/**
 * The judgement of a chart by a signer whom nobody knows, which a policy may excuse: then its archive is looked into as well,
 * because a wrong name is excused by nothing.
 */
export async function lookIntoUnknown(
  judgement: ChartJudgement,
  { provenance, expected, packed }: Pick<ChartEvidence, 'provenance' | 'expected' | 'packed'>,
): Promise<ChartJudgement> {
  const { checks, statement } = judgement;
  const others = checks.filter(({ id }) => id !== 'provenance-signature');
  if (statement?.isSignerUnknown !== true || others.some(({ outcome }) => outcome !== 'passed'))
    return judgement;
  const found =
    packed &&
    (await import('./packed-checks.ts')).holdAgainstPacked({ provenance, expected }, await packed());
  if (found === undefined) return judgement;
  return {
    ...judgement,
    checks: checks.map((each) => (each.id === 'archive-name' ? checkOf('archive-name', found) : each)),
  };
}
