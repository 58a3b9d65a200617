import { formatTime } from '../encoding.ts';
import type { Diagnosis } from '../errors.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { KeptEntry } from '../verification/kept-entry.ts';
import type { CheckId } from '../verification/checks.ts';
import { signerLines } from './chart-text.ts';
import { rejection } from './diagnosis.ts';
import { checkMembers, entryMembers, logMembers, signerMembers } from './json.ts';

/** An evidence file that was judged by itself. */
interface Checked {
  readonly path: string;
  /** As the file says. */
  readonly log: string;
  /** Those that hold come first. */
  readonly entries: readonly KeptEntry[];
  readonly trusted: TrustedLog;
  /** The checks that need the chart, or the log: only `verify` makes them. */
  readonly notChecked: readonly CheckId[];
}

/** The result for the file, for people. */
export function checkedText(
  { path, log, entries, trusted, notChecked }: Checked,
  isVerbose: boolean,
): string[] {
  const isAnyProven = entries.some(({ report }) => report.kind === 'proven');
  return [
    `${isAnyProven ? 'Evidence Holds By Itself' : 'Evidence Does Not Hold'}: ${path}`,
    '',
    `Log: ${log} (as the file says)`,
    ...entries.flatMap((each) => entryLines(each, trusted, isVerbose)),
    `Not Checked: ${notChecked.join(', ')}`,
  ];
}

/** The same for JSON. */
export function checkedMembers({
  path,
  log,
  entries,
  trusted,
  notChecked,
}: Checked): Record<string, unknown> {
  return {
    evidence: path,
    saysLog: log,
    log: logMembers(trusted.url, trusted),
    entries: entries.map(({ entry, sha256, signer, report }) => ({
      ...entryMembers(entry, trusted.url),
      ...(sha256 !== undefined && { archive: { sha256 } }),
      ...(signer && { signer: signerMembers(signer) }),
      holds: report.kind === 'proven',
      checks: checkMembers(report.checks),
    })),
    notChecked,
  };
}

/** The error for a file of which no entry holds; undefined if one holds. */
export function whyRejected({ path, log, entries, trusted }: Checked): Diagnosis | undefined {
  const [first] = entries;
  if (first?.report.kind !== 'refuted') return undefined;
  const { failure } = first.report;
  const isOtherLog = failure.id === 'log-key' && log !== trusted.url;
  const hint = isOtherLog
    ? `the file says that it comes from ${log}: if you trust that log, name it with --rekor-server`
    : 'make it again from the chart, with helm sigstore evidence';
  return { ...rejection(failure, path), hint };
}

function entryLines(
  { entry, sha256, signer, report }: KeptEntry,
  { source }: TrustedLog,
  isVerbose: boolean,
): string[] {
  return [
    `Rekor UUID: ${entry.id.text}`,
    `  Log Index: ${entry.time.logIndex}`,
    `  Logged At: ${formatTime(entry.time.integratedTime)}`,
    ...(sha256 === undefined ? ['  Kind: not a helm entry'] : [`  Archive: sha256:${sha256}`]),
    ...(signer ? signerLines(signer).map((line) => `  ${line}`) : []),
    report.kind === 'proven'
      ? `  Proofs: checked against ${source.detail}`
      : `  Proofs: do not hold: ${report.failure.id}: ${report.failure.detail}`,
    ...(isVerbose ? report.checks.map(({ id, outcome, detail }) => `  ${outcome} ${id}: ${detail}`) : []),
  ];
}
