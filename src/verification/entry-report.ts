import { formatTime } from '../encoding.ts';
import type { SigstoreError } from '../errors.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';
import type { EntrySource, GatheredEntry, LoggedEntry } from '../tlog/logged-entry.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { ChartJudgement, GoodJudgement, Statement } from './chart-checks.ts';
import type { ChartEvidence } from './chart-evidence.ts';
import { firstFailure, outcomeOf, skipped, type CheckResult } from './checks.ts';
import type { EntryPast } from './entry-checks.ts';
import {
  reportOn,
  unchecked,
  type Absent,
  type Proven,
  type Refuted,
  type Unchecked,
} from './evidence-report.ts';
import { checkOf, idsOf, makeChecks } from './make-checks.ts';
import { ENTRY_CHECKS, OPENPGP_REKOR, type EntryCheckId } from './openpgp-rekor.ts';

/** An entry that may be the one of a chart, with what is known of its tree. */
export interface EntryEvidence extends GatheredEntry {
  readonly past: EntryPast;
}

/** A chart whose local checks passed, and what they found. */
export interface GoodChart {
  readonly evidence: ChartEvidence;
  readonly judgement: GoodJudgement;
}

/** Where evidence came from: the log itself answered, or it was kept in a file. */
type EvidenceSource = 'log' | 'file';

const SOURCES: Record<EntrySource, EvidenceSource> = { predicted: 'log', index: 'log', kept: 'file' };

/** A report that is about an entry of the log. */
interface AboutEntry {
  readonly source: EvidenceSource;
  /** The whole entry, as it may be kept. Of several that are judged, only the best report is held. */
  readonly entry: LoggedEntry;
  /** As the keyring, and the log's own copy of the certificate where it was looked at, tell it. */
  readonly signer: Signer;
  readonly statement?: Statement | undefined;
  readonly warnings: readonly string[];
}

/** A report where there is no entry to look at. */
interface WithoutEntry {
  /** Where an entry was looked for, or would have been. */
  readonly source: EvidenceSource;
  readonly entry?: undefined;
  /** Undefined: the signature does not hold. */
  readonly signer: Signer | undefined;
  readonly statement?: Statement | undefined;
  readonly warnings: readonly string[];
}

type Name = (typeof OPENPGP_REKOR)['name'];

export type ProvenEntry = Proven<Name> & AboutEntry;
export type RefutedEntry = Refuted<Name> & (AboutEntry | WithoutEntry);
export type EntryReport = ProvenEntry | (Refuted<Name> & AboutEntry);
export type AbsentEntry = Absent<Name> & WithoutEntry;
/** With the error that kept it from being checked: the log did not answer, or a file could not be read. */
export type UncheckedEntry = Unchecked<Name> & WithoutEntry & { readonly error: SigstoreError };

/** What the evidence of the profile `openpgp-rekor` for a chart came to. */
export type RekorReport = EntryReport | RefutedEntry | AbsentEntry | UncheckedEntry;

/** Judges an entry as evidence for a chart, at the time `now`. */
export async function judgeEntry(
  { past, ...gathered }: EntryEvidence,
  { evidence: chart, judgement }: GoodChart,
  log: TrustedLog,
  now: number,
): Promise<EntryReport> {
  const { tree, sightings } = past;
  const evidence = { ...gathered, log, chart, past: tree, sightings, now };
  const { checks, facts } = await makeChecks(ENTRY_CHECKS, evidence, judgement);
  const { entry } = gathered;
  const atLogTime = facts['signer-key'];
  // Nobody knows when an entry with a wrong date was logged.
  const isDated = atLogTime !== undefined && outcomeOf('log-time', checks) === 'passed';
  return {
    ...reportOn(OPENPGP_REKOR, checks),
    source: SOURCES[gathered.source],
    entry,
    signer: atLogTime ?? judgement.facts['provenance-signature'].signer,
    statement: judgement.statement,
    warnings: [
      ...judgement.warnings,
      ...trustWarnings(log),
      ...(isDated ? keyWarnings(atLogTime, entry.time.integratedTime, now) : []),
    ],
  };
}

/** What is known of a chart without an entry of the log to look at. */
export interface Unlogged {
  /** Checks that could be made all the same: of the log, or of the key that would be logged. */
  readonly made?: Partial<Record<EntryCheckId, CheckResult<undefined>>> | undefined;
  /** Why nobody could find out whether the log has an entry, or whether the chart is good. */
  readonly error?: SigstoreError | undefined;
}

/**
 * The report on a chart without an entry: the log has none, or was not asked as a local check did not pass.
 */
export function reportWithoutEntry(
  { checks: local, facts, statement, warnings }: ChartJudgement,
  { made = {}, error }: Unlogged = {},
): RekorReport {
  const obstacle = local.find(({ outcome }) => outcome !== 'passed');
  const missing = error === undefined ? 'the log has no entry of this provenance' : 'no entry was judged';
  const reason = obstacle === undefined ? missing : `depends on ${obstacle.id}`;
  const ofEntry = idsOf(ENTRY_CHECKS).map((id) => checkOf(id, made[id] ?? skipped(reason)));
  const checks = [...local, ...ofEntry];
  const about = {
    source: 'log',
    signer: facts['provenance-signature']?.signer,
    statement,
    warnings,
  } as const;
  if (error !== undefined) return { ...unchecked(OPENPGP_REKOR, checks), ...about, error };
  const failure = firstFailure(checks);
  const reported = { profile: OPENPGP_REKOR.name, checks, ...about };
  return failure === undefined ? { kind: 'absent', ...reported } : { kind: 'refuted', failure, ...reported };
}

/** Who chose the key of the log, if it was not the user. */
function trustWarnings({ source }: TrustedLog): string[] {
  return source.kind === 'first-use'
    ? ['nobody vouches for the key of the log: it is the one that the log itself gave']
    : [];
}

/** What became of a key after the log took the entry. What was before, the check `signer-key` reports. Times as ever. */
export function keyWarnings({ primary, signing }: Signer, integratedTime: number, now: number): string[] {
  const warnings = [primary, signing].flatMap(({ expires = Infinity, revocations }) => [
    ...(integratedTime < expires && expires <= now
      ? [`the key expired at ${formatTime(expires)}, after the entry was logged`]
      : []),
    ...revocations
      .filter(({ at }) => integratedTime < at)
      .map(({ at, reason }) =>
        at <= now
          ? `the key was revoked at ${formatTime(at)}, after the entry was logged: ${reason}`
          : `the key is revoked as of ${formatTime(at)}, which is still to come: ${reason}`,
      ),
  ]);
  return [...new Set(warnings)];
}
