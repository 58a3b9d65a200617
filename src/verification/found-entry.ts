import { MalformedError } from '../errors.ts';
import type { Sha256 } from '../digest.ts';
import type { ReturnedEntry } from '../rekor/gathered-entry.ts';
import { parseHelmEntry } from '../rekor/helm-entry.ts';
import { summaryOf, type EntrySummary } from '../rekor/schemas.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { makeChecks, type Check } from './checks.ts';
import { checkConsistency } from './consistency.ts';
import type { EntryPast } from './entry-checks.ts';
import { LOG_CHECK_ORDER, logChecks } from './log-checks.ts';

/** An entry that a search found: what it says, and whether the log proved that it has it. */
export interface FoundEntry {
  readonly entry: EntrySummary;
  /** Undefined: an entry of another kind. */
  readonly helm: FoundHelmEntry | undefined;
  /** Made against the trusted keys of the log; undefined: it has none, and nothing was checked. */
  readonly checks: readonly Check[] | undefined;
}

/** What a helm entry says. Whether the key made the signature, its log has checked; the signed text is not in it. */
interface FoundHelmEntry {
  readonly sha256: Sha256;
  readonly signers: readonly { readonly fingerprint: string; readonly userIds: readonly string[] }[];
}

/** What an entry of a search is judged by: the log with its trusted keys, and what was seen of it before. */
export interface FoundAgainst {
  readonly log: TrustedLog;
  readonly past: EntryPast;
}

/** Judges one entry of a search; without trusted keys of its log, only reads it. */
export async function judgeFound(
  returned: ReturnedEntry,
  against: FoundAgainst | undefined,
): Promise<FoundEntry> {
  const { entry } = returned;
  return {
    entry: summaryOf(entry),
    helm: readHelm(entry.body),
    checks: against && (await checksOf(returned, against)),
  };
}

/** Whether the log proved that it has the entry; there may be nothing to compare its checkpoint with. */
export function isProven({ checks }: FoundEntry): boolean {
  const isGood = ({ id, outcome }: Check) =>
    outcome === 'passed' || (id === 'consistency' && outcome === 'skipped');
  return checks?.every(isGood) ?? false;
}

async function checksOf(returned: ReturnedEntry, { log, past }: FoundAgainst): Promise<Check[]> {
  const makers = { ...logChecks(returned, log), consistency: () => checkConsistency(past.tree) };
  return await makeChecks(makers, [...LOG_CHECK_ORDER, 'consistency']);
}

/** More of a user ID, or more of them, is not for people: whoever logs an entry chooses both. */
const MAX_USER_ID = 500;
const MAX_USER_IDS = 20;

function readHelm(body: Uint8Array): FoundHelmEntry | undefined {
  try {
    const { sha256, certificates } = parseHelmEntry(body);
    const signers = certificates.map(({ primary: { fingerprint }, userIds }) => ({
      fingerprint,
      userIds: userIds.slice(0, MAX_USER_IDS).map(({ text }) => text.slice(0, MAX_USER_ID)),
    }));
    return { sha256, signers };
  } catch (thrown) {
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}
