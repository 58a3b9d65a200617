import type { ChartFiles } from '../chart/chart-files.ts';
import type { PackedChart } from '../chart/packed-chart.ts';
import { openSignedChart } from '../chart/signed-chart.ts';
import { requirementsFor, type Requirements } from '../policy/requirements.ts';
import type { ReportedArchive } from '../render/chart-text.ts';
import type { RunContext } from '../run/context.ts';
import type { OfflineLog } from '../run/offline-log.ts';
import { judgeChart, lookIntoUnknown, type ChartJudgement } from '../verification/chart-checks.ts';
import type { ChartEvidence } from '../verification/chart-evidence.ts';
import type { SignatureEvidence } from '../verification/signature-check.ts';
import { acceptableSigners, chartEvidence, packedChart } from './chart-evidence.ts';
import type { ProvingRun } from './proving-run.ts';

/** A chart whose provenance was read, while its archive still is. */
export interface ChartInWork extends SignatureEvidence {
  /** What is required of this chart. */
  readonly requirements: Requirements;
  /** Waits for the archive, and makes the local checks at this time. Throws InputError if it cannot be read. */
  readonly judge: (now: number) => Promise<JudgedChart>;
}

/** What it takes to open a chart. */
interface OpeningRun extends Pick<ProvingRun<OfflineLog>, 'keyring' | 'looksInside'> {
  readonly context: Pick<RunContext, 'policy'>;
}

/** A chart after its local checks. */
export interface JudgedChart {
  readonly evidence: ChartEvidence;
  readonly judgement: ChartJudgement;
  readonly archive: ReportedArchive;
  /** Which chart it is, by what is in it. Throws InputError if Helm would not take it for one. */
  readonly packed: () => Promise<PackedChart>;
}

/**
 * Begins to read a chart.
 * @param general what is required of every chart of the run
 * @throws UsageError where its reference cannot be compared with the rules of a policy
 * @throws InputError if there is no archive, or the provenance cannot be read or is malformed
 */
export async function openChart(
  chart: ChartFiles,
  general: Requirements,
  { keyring, context: { policy }, looksInside }: OpeningRun,
): Promise<ChartInWork> {
  // The rule is chosen by the words of the user, before anything is fetched.
  const own = policy?.rules.requirementsFor(chart, general) ?? general;
  const { provenance, archive } = await openSignedChart(chart);
  const { expected, source } = chart;
  const requirements = requirementsFor(expected, own);
  const signers = acceptableSigners(provenance, keyring, requirements);
  const judge = async (now: number) => {
    const read = { archive: await archive, provenance };
    const packed = packedChart(chart, read.archive, looksInside);
    const evidence = {
      ...chartEvidence(read, signers, requirements),
      // What an index, a reference or a file name names has to be what Helm would take it for, so the archive is looked into.
      ...((looksInside || requirements.expected) && { packed }),
    };
    const judged = await judgeChart(evidence, now);
    const judgement = requirements.rule === undefined ? judged : await lookIntoUnknown(judged, evidence);
    return {
      evidence,
      judgement,
      archive: { label: chart.label, sha256: read.archive.sha256, source },
      packed,
    };
  };
  return { provenance, signers, requirements, judge };
}
