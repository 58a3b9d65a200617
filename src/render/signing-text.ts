import { formatTime } from '../encoding.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';
import { archiveLines, signerLines, type ReportedArchive } from './chart-text.ts';
import { signerMembers } from './json.ts';

/** A chart that is signed now, with a signature that was judged. */
export interface SignedChartReport {
  readonly archive: ReportedArchive;
  /** Of the provenance. */
  readonly path: string;
  /** Whether the signature was made in this run, or was there before. */
  readonly outcome: 'written' | 'unchanged';
  readonly signer: Signer;
  /** What the signature is over, in words: `SHA256`. */
  readonly digest: string;
  /** When the signature says that it was made, in seconds since 1970. */
  readonly signedAt: number;
  /** Which versions of Helm can verify it, and the key for which others cannot. */
  readonly helms: { readonly versions: string; readonly because?: string };
  readonly warnings: readonly string[];
}

/** @param isUploaded whether an upload says further which chart it is, and who signed it */
export function signingText(
  { archive, path, outcome, signer, digest, signedAt, helms, warnings }: SignedChartReport,
  isUploaded: boolean,
): string[] {
  const because = helms.because === undefined ? '' : ` (earlier ones do not know ${helms.because})`;
  return [
    outcome === 'written' ? `Signed: ${path}` : `Signature Already There: ${path}`,
    ...(isUploaded ? [] : [...archiveLines(archive), ...signerLines(signer)]),
    `Signature: ${digest}, ${signer.algorithm}`,
    `Signed At: ${formatTime(signedAt)}`,
    `Verified By: ${helms.versions}${because}`,
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}

/** For JSON (docs/json.md). */
export function signingMembers({
  archive,
  path,
  outcome,
  signer,
  digest,
  signedAt,
  helms,
  warnings,
}: SignedChartReport): Record<string, unknown> {
  return {
    archive: { sha256: archive.sha256 },
    signedAt: formatTime(signedAt),
    provenance: {
      path,
      outcome,
      digest,
      signer: signerMembers(signer),
      verifiedBy: helms.versions,
      ...(helms.because !== undefined && { unknownToOthers: helms.because }),
      warnings,
    },
  };
}
