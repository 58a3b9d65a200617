import type { Archive } from '../chart/archive/archive.ts';
import type { ChartFiles } from '../chart/chart-files.ts';
import type { ChartMetadata } from '../chart/archive/metadata.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';
import { judgeSignerAt } from '../openpgp/signer-at.ts';
import { requirementsFor, type Requirements } from '../policy/requirements.ts';
import { acceptableSigners, chartEvidence, packedChart } from '../proving/chart-evidence.ts';
import type { Provenance } from '../provenance/provenance.ts';
import { isLocallyGood, judgeChart } from '../verification/chart-checks.ts';

/** What those who verify a provenance without a log would say of it. */
export type JudgedProvenance = GoodProvenance | { readonly reason: string };

/** A provenance that holds. */
export interface GoodProvenance {
  readonly provenance: Provenance;
  readonly signer: Signer;
  /** Which chart it is, by the Chart.yaml in the archive. */
  readonly packed: ChartMetadata;
  readonly reason?: undefined;
}

/** By what provenances are judged. */
export interface ProvenanceJudge {
  readonly keyring: Keyring;
  readonly requirements: Requirements;
  /** Seconds since 1970. */
  readonly now: () => number;
}

/**
 * Judges a provenance as `inspect` and the local checks of `verify` do, and its signer as of now. The Chart.yaml in the archive is
 * read again, and with it all of the archive.
 * @param archive as it was when it was read before
 * @throws InputError if the archive cannot be read, was changed since, or Helm would not take it for a chart
 */
export async function judgeProvenance(
  chart: ChartFiles,
  archive: Archive,
  provenance: Provenance,
  { keyring, requirements: general, now }: ProvenanceJudge,
): Promise<JudgedProvenance> {
  const requirements = requirementsFor(chart.expected, general);
  const signers = acceptableSigners(provenance, keyring, requirements);
  const packed = packedChart(chart, archive);
  const evidence = { ...chartEvidence({ archive, provenance }, signers, requirements), packed };
  const judgement = await judgeChart(evidence, now());
  if (!isLocallyGood(judgement)) {
    const failure = judgement.checks.find(({ outcome }) => outcome !== 'passed');
    return { reason: `${failure?.id ?? 'checks'}: ${failure?.detail ?? 'failed'}` };
  }
  const { signer } = judgement.facts['provenance-signature'];
  for (const time of [provenance.signature.created, now()]) {
    const judged = judgeSignerAt(signer, time);
    if (!judged.ok) return { reason: judged.reason };
  }
  return { provenance, signer, packed: await packed() };
}
