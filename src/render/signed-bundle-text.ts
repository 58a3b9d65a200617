import { formatTime } from '../encoding.ts';
import type { ProvenReport } from '../policy/decision.ts';
import type { BundleSigner, ProvenBundle } from '../verification/chart-bundle.ts';
import type { ProvenProvenanceBundle } from '../verification/provenance-bundle.ts';
import { certificateLines, identityMembers } from './certificate-text.ts';
import { archiveLines, checksInWords, checkLine, signerLines, type ReportedArchive } from './chart-text.ts';

/** The text of a chart that is verified by a Sigstore bundle. @param isVerbose whether every check is shown */
export function bundleVerifiedText(
  evidence: ProvenBundle | ProvenProvenanceBundle,
  archive: ReportedArchive,
  isVerbose: boolean,
): string[] {
  return [
    `Chart Verified Successfully From Sigstore bundle${evidence.profile === 'openpgp-bundle' ? ' of its provenance' : ''}:`,
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

function bundleLines(evidence: ProvenBundle | ProvenProvenanceBundle, isVerbose: boolean): string[] {
  const { place, time, checks, warnings } = evidence;
  return [
    `Bundle: ${place}`,
    ...('manifest' in evidence && evidence.manifest ? [`Signed Manifest: sha256:${evidence.manifest}`] : []),
    ...(evidence.profile === 'openpgp-bundle'
      ? signerLines(evidence.signer)
      : bundleSignerLines(evidence.signer)),
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
