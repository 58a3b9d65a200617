import { formatTime } from '../encoding.ts';
import { printable } from './printable.ts';
import type { ChartReport } from '../verification/chart-report.ts';
import type { Check } from '../verification/checks.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';

/**
 * The text of a verified chart. The first six lines are those of the Go plugin, to the byte.
 * @param server the log's URL as the user knows it, without a slash at its end
 */
export function verifiedText({ entry, signer, checks, warnings }: ChartReport, server: string): string {
  return lines([
    'Chart Verified Successfully From Helm entry:',
    '',
    `Rekor Server: ${server}`,
    ...(entry ? [`Rekor Index: ${entry.logIndex}`, `Rekor UUID: ${entry.id.text}`] : []),
    ...(signer ? signerLines(signer) : []),
    ...(entry ? [`Logged At: ${formatTime(entry.integratedTime)}`] : []),
    `Checks: ${checksInWords(checks)}`,
    ...warnings.map((warning) => `Warning: ${warning}`),
  ]);
}

/** The text of a chart that was judged and not verified: what each check found. */
export function unverifiedText({ checks, others, warnings }: ChartReport, name: string): string {
  return lines([
    `Chart Not Verified: ${name}`,
    '',
    ...checks.map(checkLine),
    ...others.slice(0, 10).map(({ uuid, reason }) => `Other Entry: ${uuid} (${reason})`),
    ...(others.length > 10 ? [`Other Entries Not Shown: ${others.length - 10}`] : []),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ]);
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

/** One check on a line of its own, with what was expected and found. */
export function checkLine({ id, outcome, detail, expected, found }: Check): string {
  const compared = expected === undefined ? '' : ` (expected ${expected}, found ${found ?? 'nothing'})`;
  return `  ${outcome.padEnd(7)}  ${id.padEnd(20)}  ${detail}${compared}`;
}

/** The lines as text that ends in a newline; whatever foreign text is in them, a terminal can show it. */
export function lines(all: readonly string[]): string {
  return all.map((line) => `${printable(line)}\n`).join('');
}

function checksInWords(checks: readonly Check[]): string {
  const skipped = checks.filter(({ outcome }) => outcome === 'skipped');
  const passed = `${checks.filter(({ outcome }) => outcome === 'passed').length} passed`;
  return skipped.length === 0
    ? passed
    : `${passed}, ${skipped.map(({ id, detail }) => `${id} skipped: ${detail}`).join(', ')}`;
}
