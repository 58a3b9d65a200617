import { formatTime } from '../encoding.ts';
import type { ProvenBundle } from '../verification/chart-bundle.ts';
import { archiveLines, type ReportedArchive } from './chart-text.ts';
import { bundleSignerLines, bundleSignerMembers } from './signed-bundle-text.ts';

/** A chart with a bundle that holds. */
interface SignedByIdentityReport {
  readonly archive: ReportedArchive;
  /** Of the bundle. */
  readonly path: string;
  /** Whether it was made in this run, or was there before. */
  readonly outcome: 'written' | 'unchanged';
  readonly evidence: ProvenBundle;
}

export function identitySignedText({ archive, path, outcome, evidence }: SignedByIdentityReport): string[] {
  return [
    outcome === 'written' ? `Signed: ${path}` : `Signature Already There: ${path}`,
    ...archiveLines(archive),
    ...bundleSignerLines(evidence.signer),
    `Signed At: ${formatTime(evidence.time)}`,
  ];
}

/** For JSON (docs/json.md). */
export function identitySignedMembers({
  archive,
  path,
  outcome,
  evidence,
}: SignedByIdentityReport): Record<string, unknown> {
  return {
    archive: { sha256: archive.sha256 },
    signedAt: formatTime(evidence.time),
    bundle: { path, outcome, signer: bundleSignerMembers(evidence.signer) },
  };
}
