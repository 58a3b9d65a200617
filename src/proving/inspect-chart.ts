import type { ChartContents } from '../chart/archive/chart-contents.ts';
import type { ChartFiles } from '../chart/chart-files.ts';
import type { PackedChart } from '../chart/packed-chart.ts';
import { parseSignedMetadata, type ChartMetadata, type SignedMetadata } from '../chart/archive/metadata.ts';
import { readProvenance, readSignedChart } from '../chart/signed-chart.ts';
import { InputError } from '../errors.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { keyIdOf } from '../openpgp/key-packet.ts';
import { requirementsFor, type Requirements } from '../policy/requirements.ts';
import type { InspectedChart } from '../render/inspection-text.ts';
import { judgeInspection, type Inspection } from '../verification/inspection.ts';
import { acceptableSigners, packedChart } from './chart-evidence.ts';

/** A chart, and what it says without a log. */
export interface ChartInspection {
  readonly chart: InspectedChart;
  readonly found: Inspection;
}

/**
 * Judges a chart and its provenance, or a provenance alone if its file is named, without any log.
 * @param general what is required of every chart of the run
 * @param now seconds since 1970
 * @throws InputError if the archive or the provenance cannot be read
 */
export async function inspectChart(
  files: ChartFiles,
  general: Requirements,
  keyring: Keyring,
  now: number,
): Promise<ChartInspection> {
  const { label, provenanceLabel } = files;
  const { archive, provenance } = files.isProvenanceAlone
    ? { archive: undefined, provenance: await readProvenance(files) }
    : await readSignedChart(files);
  const { expected, source } = files;
  const requirements = requirementsFor(expected, general);
  const { files: signedFiles, metadata } = provenance.document;
  const packed = archive && packedChart(files, archive, 'subcharts');
  const evidence = {
    ...(archive && { archive }),
    signedName: requirements.signedName ?? archive?.name ?? '',
    provenance,
    signers: acceptableSigners(provenance, keyring, requirements),
    ...(expected && { expected, packed }),
  };
  const judged = await judgeInspection(evidence, now);
  const { signed, warnings } = signedMetadata(metadata, provenanceLabel);
  const { signature, issuer } = provenance;
  // What a server offers is not asked for: it is not judged here.
  const bundles = files.isElsewhere || files.isProvenanceAlone ? [] : await files.provenanceBundles();
  const chart = {
    provenanceFile: provenanceLabel,
    archive: archive && { label, sha256: archive.sha256, source },
    ...signed,
    files: signedFiles,
    signedAt: signature.created,
    keyId: issuer.keyId ?? keyIdOf(issuer.fingerprint ?? ''),
    provenanceBundle: bundles[0]?.label,
  };
  // Where an index names the chart, what Helm would take it for is a check, and no matter of a warning.
  const looked = judged.report.kind === 'proven' && packed ? await lookInto(packed, signed) : NOTHING_SEEN;
  const { differences, contents, ...unjudged } = looked;
  return {
    chart: { ...chart, contents },
    found: { ...judged, ...unjudged, warnings: [...judged.warnings, ...warnings, ...differences] },
  };
}

/** Where the Chart.yaml in the archive says something else than the signed text, in words; or why nobody can say. */
async function lookInto(packed: () => Promise<PackedChart>, signed: SignedMetadata): Promise<LookedInto> {
  try {
    const chart = await packed();
    return { differences: differencesBetween(chart, signed), contents: chart.contents };
  } catch (error) {
    if (error instanceof InputError) return { ...NOTHING_SEEN, unjudged: error };
    throw error;
  }
}

interface LookedInto extends Pick<Inspection, 'unjudged'> {
  readonly differences: string[];
  /** Absent where nobody looked, or nobody can say. */
  readonly contents?: ChartContents | undefined;
}

const NOTHING_SEEN: LookedInto = { differences: [] };

/** Helm verifies a chart whatever its signed metadata says, so what is wrong with that is no more than a warning. */
function signedMetadata(text: string, place: string): { signed: SignedMetadata; warnings: string[] } {
  try {
    const signed = parseSignedMetadata(text, `the signed text of ${place}`);
    const missing = MEMBERS.filter((member) => signed[member] === undefined);
    return {
      signed,
      warnings: missing.map((member) => `the signed text does not say the ${member} of the chart`),
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { signed: {}, warnings: [error.message] };
  }
}

function differencesBetween(packed: ChartMetadata, signed: SignedMetadata): string[] {
  return MEMBERS.filter((member) => signed[member] !== undefined && packed[member] !== signed[member]).map(
    (member) => `Chart.yaml has the ${member} ${packed[member]}, the signed text ${signed[member] ?? 'none'}`,
  );
}

const MEMBERS = ['name', 'version'] as const;
