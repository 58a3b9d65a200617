import { formatTime } from '../encoding.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';
import type { Inspection } from '../verification/inspection.ts';
import { checkLine, lines, signerLines } from './chart-text.ts';

/** What `inspect` shows above the checks. */
export interface InspectedChart {
  readonly provenanceFile: string;
  /** Of the chart, as the signed text has it. */
  readonly name: string;
  readonly version: string;
  /** Every file that is signed: its name and its digest. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  /** Seconds since 1970. */
  readonly signedAt: number;
  /** The key ID that the signature names as its maker's. */
  readonly keyId: string;
}

/** The text of an inspection, whatever came of it. */
export function inspectionText(chart: InspectedChart, inspection: Inspection): string {
  const { checks, signer, place, warnings } = inspection;
  return lines([
    `Provenance: ${chart.provenanceFile}`,
    `Chart: ${chart.name} ${chart.version}`,
    ...chart.files.map(({ name, sha256 }) => `Signed File: ${name} sha256:${sha256}`),
    ...(signer ? [...signerLines(signer), ...keyLines(signer)] : []),
    `Key ID: ${chart.keyId.toUpperCase()}`,
    ...(place === undefined ? [] : [`Found In: ${place}`]),
    `Signed At: ${formatTime(chart.signedAt)}`,
    '',
    ...checks.map(checkLine),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ]);
}

function keyLines({ algorithm, signing: { created, expires, revocations } }: Signer): string[] {
  return [
    `Key: ${algorithm}, created ${formatTime(created)}, ${expires === undefined ? 'does not expire' : `expires ${formatTime(expires)}`}`,
    ...revocations.map(({ reason }) => `Key Revoked: ${reason}`),
  ];
}
