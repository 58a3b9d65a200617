import { MalformedError } from '../errors.ts';
import type { Sha256 } from '../digest.ts';
import type { ReturnedEntry } from '../rekor/gathered-entry.ts';
import { parseHelmEntry } from '../rekor/helm-entry.ts';
import type { LogEntry } from '../rekor/schemas.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { makeChecks, type Check } from './checks.ts';
import { LOG_CHECK_ORDER, logChecks } from './log-checks.ts';

/** An entry that a search found: what it says, and whether the log proved that it has it. */
export interface FoundEntry {
  readonly entry: LogEntry;
  /** Undefined: an entry of another kind. */
  readonly helm: FoundHelmEntry | undefined;
  /** Made against the trusted keys of the log; undefined: it has none, and nothing was checked. */
  readonly checks: readonly Check[] | undefined;
}

/** What a helm entry says. Whether the key made the signature, its log has checked; the signed text is not in it. */
export interface FoundHelmEntry {
  readonly sha256: Sha256;
  readonly signers: readonly { readonly fingerprint: string; readonly userIds: readonly string[] }[];
}

/** Judges one entry of a search; without trusted keys of its log, only reads it. */
export async function judgeFound(returned: ReturnedEntry, log: TrustedLog | undefined): Promise<FoundEntry> {
  const { entry } = returned;
  const checks = log && (await makeChecks(logChecks(returned, log), LOG_CHECK_ORDER));
  return { entry, helm: readHelm(entry.body), checks };
}

/** Whether the log proved that it has the entry. */
export function isProven({ checks }: FoundEntry): boolean {
  return checks?.every(({ outcome }) => outcome === 'passed') ?? false;
}

function readHelm(body: Uint8Array): FoundHelmEntry | undefined {
  try {
    const { sha256, certificates } = parseHelmEntry(body);
    const signers = certificates.map(({ primary: { fingerprint }, userIds }) => ({
      fingerprint,
      userIds: userIds.map(({ text }) => text),
    }));
    return { sha256, signers };
  } catch (thrown) {
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}
