import { cut } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import type { Sha256 } from '../digest.ts';
import type { ReturnedEntry } from '../tlog/logged-entry.ts';
import { parseHelmEntry } from '../rekor/helm-entry.ts';
import { summaryOf, type EntrySummary } from '../tlog/logged-entry.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { FoundSignature } from './found-signature.ts';
import { consistency } from './consistency.ts';
import type { EntryPast } from './entry-checks.ts';
import { reportOn, unchecked, type EvidenceReport } from './evidence-report.ts';
import { checkpoint, entryId, inclusionPromise, inclusionProof, logKey } from './log-checks.ts';
import { makeChecks, optional } from './make-checks.ts';

/** An entry that is looked at without its chart: what `search` asks for. */
const REKOR_ENTRY = {
  name: 'rekor-entry',
  checks: {
    'entry-id': entryId,
    'log-key': logKey,
    'inclusion-promise': inclusionPromise,
    checkpoint,
    'inclusion-proof': inclusionProof,
    // There may be nothing to compare the checkpoint with.
    consistency: optional(consistency),
  },
} as const;

/** An entry that a search found: what it says, and whether the log proved that it has it. */
export interface FoundEntry {
  readonly entry: EntrySummary;
  /** Undefined: an entry of another kind, or one that was not read. */
  readonly helm: FoundHelmEntry | undefined;
  /** What an entry for a signature of Sigstore says; undefined: it is none. */
  readonly signature?: FoundSignature | undefined;
  /** Octets of an entry that is too long to be read for people: whoever logs one chooses what is in it. */
  readonly unread?: number;
  /** Whether the log proved that it has the entry; `unchecked` where no key of the log is trusted. */
  readonly report: Exclude<EvidenceReport<'rekor-entry'>, { readonly kind: 'absent' }>;
}

/**
 * What a helm entry says. Its log checked that the key made the signature. Nobody can do so again from the
 * entry alone, because the signed text is not in it.
 */
interface FoundHelmEntry {
  readonly sha256: Sha256;
  readonly signers: readonly FoundSigner[];
  /** How many more certificates it holds. */
  readonly signersNotShown: number;
}

/** A certificate in an entry. */
interface FoundSigner {
  readonly fingerprint: string;
  /** Cut to a length that people can read. */
  readonly userIds: readonly string[];
  readonly userIdsNotShown: number;
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
  const isLong = entry.body.length > MAX_BODY;
  const helm = isLong ? undefined : readHelm(entry.body);
  const signature = isLong || helm ? undefined : await readSignature(entry.body);
  return {
    entry: summaryOf(entry),
    helm,
    ...(signature && { signature }),
    ...(isLong && { unread: entry.body.length }),
    report: against ? await reportOf(returned, against) : unchecked(REKOR_ENTRY),
  };
}

async function reportOf(returned: ReturnedEntry, { log, past }: FoundAgainst): Promise<FoundEntry['report']> {
  const { checks } = await makeChecks(REKOR_ENTRY.checks, { ...returned, log, past: past.tree });
  return reportOn(REKOR_ENTRY, checks);
}

/** More is not for people: an honest entry has 2 to 20 kilobytes. */
const MAX_BODY = 98_304;
const MAX_SIGNERS = 10;
const MAX_USER_IDS = 10;
const MAX_USER_ID = 128;

/** What reads them is loaded where there is one. */
async function readSignature(body: Uint8Array): Promise<FoundSignature | undefined> {
  const { readFoundSignature } = await import('./found-signature.ts');
  return await readFoundSignature(body);
}

function readHelm(body: Uint8Array): FoundHelmEntry | undefined {
  try {
    const { sha256, certificates } = parseHelmEntry(body);
    const signers = certificates
      .slice(0, MAX_SIGNERS)
      .map(({ primary: { fingerprint }, userIds }): FoundSigner => ({
        fingerprint,
        userIds: userIds.slice(0, MAX_USER_IDS).map(({ text }) => cut(text, MAX_USER_ID)),
        userIdsNotShown: Math.max(0, userIds.length - MAX_USER_IDS),
      }));
    return { sha256, signers, signersNotShown: certificates.length - signers.length };
  } catch (thrown) {
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}
