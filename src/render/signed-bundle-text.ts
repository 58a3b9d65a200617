import { formatTime } from '../encoding.ts';
import type { ProvenReport } from '../policy/decision.ts';
import type { BundleSigner, ProvenBundle } from '../verification/chart-bundle.ts';
import { certificateLines, identityMembers } from './certificate-text.ts';
import { archiveLines, checksInWords, checkLine, type ReportedArchive } from './chart-text.ts';

/** The text of a chart that is verified by a Sigstore bundle. @param isVerbose whether every check is shown */
export function bundleVerifiedText(
  evidence: ProvenBundle,
  archive: ReportedArchive,
  isVerbose: boolean,
): string[] {
  return [
    'Chart Verified Successfully From Sigstore bundle:',
    '',
    ...archiveLines(archive),
    ...bundleLines(evidence, isVerbose),
  ];
}

/** The lines about evidence that was required beside the first. */
export function besideLines(beside: readonly ProvenReport[], isVerbose: boolean): string[] {
  return beside.flatMap((each) =>
    each.profile === 'openpgp-rekor' ? [] : ['', ...bundleLines(each, isVerbose)],
  );
}

function bundleLines(
  { place, manifest, signer, time, checks, warnings }: ProvenBundle,
  isVerbose: boolean,
): string[] {
  return [
    `Bundle: ${place}`,
    ...(manifest ? [`Signed Manifest: sha256:${manifest}`] : []),
    ...bundleSignerLines(signer),
    `Signed At: ${formatTime(time)}`,
    `Checks: ${checksInWords(checks)}`,
    ...(isVerbose ? checks.map(checkLine) : []),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}

/** Who signed, for people. */
export function bundleSignerLines(signer: BundleSigner): string[] {
  return signer.kind === 'key' ? [`Signed By Key: sha256:${signer.keyId}`] : certificateLines(signer);
}

/** Who signed a bundle, for JSON. */
export function bundleSignerMembers(signer: BundleSigner): Record<string, unknown> {
  return signer.kind === 'key' ? { keyId: signer.keyId } : identityMembers(signer);
}
