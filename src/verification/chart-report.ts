import { formatTime } from '../encoding.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';
import type { EntrySummary } from '../rekor/schemas.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { ChartJudgement } from './chart-checks.ts';
import { LOCAL_CHECK_IDS, type Check, type CheckId } from './checks.ts';
import { skippedEntryChecks, type EntryJudgement } from './entry-checks.ts';
import { proveComplete, type CompleteChecks, type Verdict } from './verdict.ts';

/** An entry for the same archive that is not of this provenance, or does not hold. */
export interface OtherEntry {
  readonly uuid: string;
  /** Absent where the entry could not even be read. */
  readonly logIndex?: number;
  readonly reason: string;
}

/** What `verify` found out about one chart: the whole answer, for whoever renders it. */
export interface ChartReport {
  readonly verdict: Verdict;
  /** All thirteen checks, in the order of judgement; those of an entry are about `entry`. */
  readonly checks: readonly Check[];
  readonly entry?: EntrySummary;
  readonly signer?: Signer;
  /** When the signature says that it was made, in seconds since 1970. */
  readonly signedAt: number | undefined;
  readonly others: readonly OtherEntry[];
  readonly warnings: readonly string[];
}

/** What was gathered and judged about one chart. */
export interface Judgements {
  readonly chart: ChartJudgement;
  readonly signedAt: number | undefined;
  /** Of the entries that are ours to judge. */
  readonly entries: readonly EntryJudgement[];
  /** The entries that are not. */
  readonly foreign: readonly OtherEntry[];
}

interface Proof {
  readonly judgement: EntryJudgement;
  readonly checks: CompleteChecks;
}

/** What a report depends on beside the judgements. */
export interface ReportOptions {
  /** A skipped consistency check leaves the chart unchecked. */
  readonly requireConsistency: boolean;
  /** The log that the entries are of; undefined where none could be asked. */
  readonly log: TrustedLog | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * The report on a chart. Of the entries that verify the earliest counts; when none does, the report is about the
 * one that came furthest. Where the log contradicts itself (a failed `consistency` check, which nobody but the log
 * can bring about), none counts.
 */
export function reportOnChart(
  judgements: Judgements,
  { requireConsistency, log, now }: ReportOptions,
): ChartReport {
  const { chart, signedAt, entries, foreign } = judgements;
  const failedLocally = LOCAL_CHECK_IDS.find(
    (id) => chart.checks.find((check) => check.id === id)?.outcome !== 'passed',
  );
  const about = failedLocally === undefined ? entryThatCounts(judgements, requireConsistency) : undefined;
  const reason =
    failedLocally === undefined ? 'the log has no entry of this provenance' : `depends on ${failedLocally}`;
  const checks = [...chart.checks, ...(about?.checks ?? skippedEntryChecks(reason))];
  const signer = about?.signer ?? chart.signature?.signer;
  return {
    verdict: verdictOn(checks, about !== undefined, requireConsistency),
    checks,
    ...(about && { entry: about.entry }),
    ...(signer && { signer }),
    signedAt,
    others: [...entries.filter((each) => each !== about).map(otherEntry), ...foreign],
    warnings: [
      ...(chart.warnings ?? []),
      ...(about ? [...trustWarnings(log), ...(signer ? keyWarnings(signer, now) : [])] : []),
    ],
  };
}

/** Whether one of the judged entries proves the chart, so that no further entry need be asked for. */
export function isProven({ chart, entries }: Judgements): boolean {
  return entries.some((entry) => proveComplete([...chart.checks, ...entry.checks]) !== undefined);
}

function entryThatCounts(
  { chart, entries }: Judgements,
  requireConsistency: boolean,
): EntryJudgement | undefined {
  const contradiction = entries.find(({ checks }) => outcomeOf('consistency', checks) === 'failed');
  if (contradiction !== undefined) return contradiction;
  const proofs = entries.flatMap((judgement): Proof[] => {
    const checks = proveComplete([...chart.checks, ...judgement.checks]);
    return checks === undefined ? [] : [{ judgement, checks }];
  });
  const consistent = proofs.filter(({ checks }) => outcomeOf('consistency', checks) === 'passed');
  const eligible = requireConsistency && consistent.length > 0 ? consistent : proofs;
  const earliest = eligible.reduce<Proof | undefined>(
    (first, next) => (first === undefined || isEarlier(next, first) ? next : first),
    undefined,
  );
  if (earliest !== undefined) return earliest.judgement;
  return entries.reduce<EntryJudgement | undefined>(
    (best, next) => (best === undefined || passedIn(next) > passedIn(best) ? next : best),
    undefined,
  );
}

function isEarlier({ judgement: { entry: a } }: Proof, { judgement: { entry: b } }: Proof): boolean {
  return a.integratedTime === b.integratedTime
    ? a.logIndex < b.logIndex
    : a.integratedTime < b.integratedTime;
}

function outcomeOf(wanted: CheckId, checks: readonly Check[]): Check['outcome'] | undefined {
  return checks.find(({ id }) => id === wanted)?.outcome;
}

function passedIn({ checks }: EntryJudgement): number {
  return checks.filter(({ outcome }) => outcome === 'passed').length;
}

function verdictOn(checks: readonly Check[], hasEntry: boolean, requireConsistency: boolean): Verdict {
  const proof = proveComplete(checks);
  if (proof !== undefined) {
    const isSkipped = outcomeOf('consistency', proof) === 'skipped';
    return requireConsistency && isSkipped ? 'unchecked' : 'verified';
  }
  const hasFailed = checks.some(({ outcome }) => outcome === 'failed');
  return hasEntry || hasFailed ? 'rejected' : 'not-found';
}

function otherEntry({ entry, checks }: EntryJudgement): OtherEntry {
  const failure = checks.find(({ outcome }) => outcome === 'failed');
  const reason = failure ? `${failure.id}: ${failure.detail}` : 'verifies as well, and was logged later';
  return { uuid: entry.id.text, logIndex: entry.logIndex, reason };
}

/** Who chose the key of the log, if it was not the user. */
function trustWarnings(log: TrustedLog | undefined): string[] {
  return log?.source.kind === 'first-use'
    ? ['nobody vouches for the key of the log: it is the one that the log itself gave']
    : [];
}

/** What changed about a key since it was good. */
function keyWarnings({ primary, signing }: Signer, now: number): string[] {
  const lifetimes = primary === signing ? [primary] : [primary, signing];
  return lifetimes.flatMap(({ expires = Infinity, revocations }) => [
    ...(expires <= now ? [`the key expired at ${formatTime(expires)}, after the entry was logged`] : []),
    ...revocations.map(
      ({ at, reason }) => `the key was revoked at ${formatTime(at)}, after the entry was logged: ${reason}`,
    ),
  ]);
}
