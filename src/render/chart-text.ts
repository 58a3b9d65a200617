import { formatTime } from '../encoding.ts';
import type { ChartSource } from '../chart/chart-files.ts';
import type { ChartReport } from '../policy/chart-report.ts';
import type { Check } from '../verification/checks.ts';
import type { ProvenEntry } from '../verification/entry-report.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';

/** The archive that a text is about. */
export interface ReportedArchive {
  /** As the user knows it. */
  readonly label: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Where it came from, if it is no file of the user. */
  readonly source?: ChartSource | undefined;
}

/**
 * The text of a verified chart. The first six lines are those of the Go plugin, to the byte.
 * @param server the log's URL as the user knows it, without a slash at its end
 * @param isVerbose whether every check is shown
 */
export function verifiedText(
  { entry, signer, checks, warnings }: ProvenEntry,
  archive: ReportedArchive,
  server: string,
  isVerbose = false,
): string[] {
  return [
    'Chart Verified Successfully From Helm entry:',
    '',
    `Rekor Server: ${server}`,
    `Rekor Index: ${entry.time.logIndex}`,
    `Rekor UUID: ${entry.id.text}`,
    ...archiveLines(archive),
    ...signerLines(signer),
    `Logged At: ${formatTime(entry.time.integratedTime)}`,
    `Checks: ${checksInWords(checks)}`,
    ...(isVerbose ? checks.map(checkLine) : []),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}

/**
 * The text of a chart that was judged and not verified. The check that failed is the error of the run and is
 * not repeated; the results of the others are counted.
 * @param isVerbose whether every check is shown
 */
export function unverifiedText(
  { evidence: { checks, warnings }, others, othersNotShown }: ChartReport,
  { label, sha256, source }: ReportedArchive,
  isVerbose = false,
  heading = 'Chart Not Verified',
): string[] {
  return [
    `${heading}: ${label}`,
    `Digest: sha256:${sha256}`,
    ...sourceLines(source),
    '',
    ...failedChecksLines(checks, isVerbose),
    ...others.map(({ uuid, reason }) => `Other Entry: ${uuid} (${reason})`),
    ...(othersNotShown > 0 ? [`Other Entries Not Shown: ${othersNotShown}`] : []),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}

/** Which archive it is. */
export function archiveLines({ label, sha256, source }: ReportedArchive): string[] {
  return [`Chart: ${label}`, `Digest: sha256:${sha256}`, ...sourceLines(source)];
}

/** Where the archive came from, and what the user did not choose. */
function sourceLines(source: ChartSource | undefined): string[] {
  if (source === undefined) return [];
  const { reference, url, digest, version, versionChosenBy } = source;
  return [
    ...(url === undefined || url === reference ? [] : [`Fetched From: ${url}`]),
    ...(digest === undefined ? [] : [`Manifest: sha256:${digest}`]),
    ...(version === undefined ? [] : [`Version: ${version}`]),
    ...(versionChosenBy === undefined ? [] : [`Version Chosen By: the ${versionChosenBy}`]),
  ];
}

/** Who signed, in the words of `helm verify` where it has some. */
export function signerLines({ userIds, primaryFingerprint, signingFingerprint }: Signer): string[] {
  return [
    ...userIds.map((userId) => `Signed By: ${userId}`),
    `Fingerprint: ${primaryFingerprint.toUpperCase()}`,
    ...(signingFingerprint === primaryFingerprint
      ? []
      : [`Signing Subkey: ${signingFingerprint.toUpperCase()}`]),
  ];
}

/**
 * The checks of a chart that is not verified: all of them, or the counts without the first one that failed.
 */
export function failedChecksLines(checks: readonly Check[], isVerbose: boolean): string[] {
  if (isVerbose) return checks.map(checkLine);
  const first = checks.find(({ outcome }) => outcome === 'failed');
  const others = checks.filter((check) => check !== first);
  const counts = (['passed', 'failed', 'skipped'] as const)
    .map((outcome) => ({ outcome, count: others.filter((check) => check.outcome === outcome).length }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${outcome}`);
  const what = first === undefined ? 'checks' : others.length === 1 ? 'other check' : 'other checks';
  return [`${others.length} ${what}: ${counts.join(', ')}`];
}

/** One check on a line of its own, with what was expected and found. */
export function checkLine({ id, outcome, detail, expected, found }: Check): string {
  const compared = expected === undefined ? '' : ` (expected ${expected}, found ${found ?? 'nothing'})`;
  return `  ${outcome.padEnd(7)}  ${id.padEnd(20)}  ${detail}${compared}`;
}

/** How many checks passed, and which were skipped, and why. */
export function checksInWords(checks: readonly Check[]): string {
  const skipped = checks.filter(({ outcome }) => outcome === 'skipped');
  const passed = `${checks.filter(({ outcome }) => outcome === 'passed').length} passed`;
  return skipped.length === 0
    ? passed
    : `${passed}, ${skipped.map(({ id, detail }) => `${id} skipped: ${detail}`).join(', ')}`;
}
