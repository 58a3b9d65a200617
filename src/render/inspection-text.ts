import type { ChartContents } from '../chart/archive/chart-contents.ts';
import { formatTime } from '../encoding.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';
import type { Inspection } from '../verification/inspection.ts';
import { contentsWarnings, subchartLines } from './contents-text.ts';
import { failedChecksLines, signerLines, type ReportedArchive } from './chart-text.ts';

/** What `inspect` shows above the checks. */
export interface InspectedChart {
  readonly provenanceFile: string;
  /** Absent where the provenance alone is judged. */
  readonly archive?: ReportedArchive | undefined;
  /** Of the chart, as the signed text has it. */
  readonly name?: string;
  readonly version?: string;
  /** Every file that is signed: its name and its digest. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  /** Seconds since 1970. */
  readonly signedAt: number;
  /** The key ID that the signature names as its maker's. */
  readonly keyId: string;
  /** Where a Sigstore bundle of the provenance is, which nobody looked into; absent: there is none. */
  readonly provenanceBundle?: string | undefined;
  /** The charts in it; absent where nobody looked. */
  readonly contents?: ChartContents | undefined;
}

/**
 * The most signed files that are shown. A good provenance signs one file; a hostile one may sign thousands.
 */
export const SHOWN_FILES = 5;

/**
 * The text of an inspection. If a check failed, that check is the error of the run, and the others are
 * counted.
 * @param isVerbose whether every check is shown, also if one failed
 */
export function inspectionText(chart: InspectedChart, inspection: Inspection, isVerbose = false): string[] {
  const { report, signer, place, warnings } = inspection;
  const more = chart.files.length - SHOWN_FILES;
  return [
    `Provenance: ${chart.provenanceFile}`,
    ...(chart.archive ? [`Archive: ${chart.archive.label}`, `Digest: sha256:${chart.archive.sha256}`] : []),
    ...(chart.name === undefined ? [] : [`Chart: ${[chart.name, chart.version ?? ''].join(' ').trim()}`]),
    ...chart.files.slice(0, SHOWN_FILES).map(({ name, sha256 }) => `Signed File: ${name} sha256:${sha256}`),
    ...(more > 0 ? [`Signed Files Not Shown: ${more}`] : []),
    ...(signer ? [...signerLines(signer), ...keyLines(signer)] : []),
    `Key ID: ${chart.keyId.toUpperCase()}`,
    ...(place === undefined ? [] : [`Found In: ${place}`]),
    `Signed At: ${formatTime(chart.signedAt)}`,
    ...(chart.provenanceBundle === undefined
      ? []
      : [`Bundle: ${chart.provenanceBundle} (not judged: verify does that)`]),
    ...subchartLines(chart.contents),
    '',
    ...failedChecksLines(report.checks, isVerbose || report.kind === 'proven'),
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...contentsWarnings(chart.contents),
  ];
}

function keyLines({ algorithm, signing: { created, expires, revocations } }: Signer): string[] {
  return [
    `Key: ${algorithm}, created ${formatTime(created)}, ${expires === undefined ? 'does not expire' : `expires ${formatTime(expires)}`}`,
    ...revocations.map(({ reason }) => `Key Revoked: ${reason}`),
  ];
}
