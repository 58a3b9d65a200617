import type { Hint, InputError } from '../errors.ts';
import type { InTotoStatement } from '../evidence/in-toto-statement.ts';
import type { SigningCertificate } from '../evidence/signing-certificate.ts';
import type { Signer } from '../openpgp/key-lifetime.ts';
import type { VerifiedSignature } from '../provenance/verify.ts';
import type { HelmEntry } from '../rekor/helm-entry.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import type { LogKey } from '../tlog/log-key.ts';

/**
 * Every check, with the fact that it establishes for the checks that stand on it; `undefined`: no fact but
 * that it passed. A check begins here with its name; the compiler then asks for its hint (`hints.ts`) and its
 * row in a profile (`openpgp-rekor.ts`), which says how it is made and what it stands on.
 */
export interface Facts extends OpenPgpFacts, BundleFacts {}

/** Of evidence by OpenPGP and a log; some of them are checks of bundles as well. */
interface OpenPgpFacts {
  readonly 'archive-digest': undefined;
  readonly 'archive-name': undefined;
  readonly 'provenance-signature': VerifiedSignature;
  readonly 'entry-kind': HelmEntry;
  readonly 'entry-binding': undefined;
  readonly 'entry-id': undefined;
  readonly 'log-key': LogKey;
  readonly 'inclusion-promise': undefined;
  readonly checkpoint: TreeHead;
  readonly 'inclusion-proof': undefined;
  readonly 'signer-key': Signer;
  readonly 'log-time': undefined;
  readonly consistency: undefined;
}

/** Of Sigstore bundles alone. */
interface BundleFacts {
  /** Undefined: there is none, as the signature is over the file itself. */
  readonly statement: InTotoStatement | undefined;
  readonly 'bundle-binding': undefined;
  /** Seconds since 1970. */
  readonly 'signed-time': number;
  readonly certificate: SigningCertificate;
  readonly signature: undefined;
  readonly identity: undefined;
}

export type CheckId = keyof Facts;

/** The checks of evidence by OpenPGP and a log. */
export type OpenPgpCheckId = keyof OpenPgpFacts;

/**
 * One check and what came of it. `detail` is one line for people; `expected` and `found` where it compares, `hint`
 * where there is something to do about it.
 */
export interface Check {
  readonly id: CheckId;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
  readonly expected?: string;
  readonly found?: string;
  readonly hint?: Hint;
}

/** What the making of a check comes to, with the fact that it establishes. */
export type CheckResult<Fact> = PassedResult<Fact> | FailedResult<Fact> | SkippedResult;

/** A check without its name. */
type Unfiled = Omit<Check, 'id'>;

interface PassedResult<Fact> extends Unfiled {
  readonly outcome: 'passed';
  readonly fact: Fact;
}

export interface FailedResult<Fact = never> extends Unfiled {
  readonly outcome: 'failed';
  /** What a failed check found out. It is for reports alone: no check stands on a failed one. */
  readonly fact?: Fact;
  /**
   * Set if the fault may be in a file of the user's own. If no other check fails, this error takes the place
   * of a verdict.
   */
  readonly unjudged?: InputError;
}

interface SkippedResult extends Unfiled {
  readonly outcome: 'skipped';
}

/** A check that passed, and the fact that it establishes, if there is one. */
export function passed(detail: string): PassedResult<undefined>;
export function passed<Fact>(detail: string, fact: Fact): PassedResult<Fact>;
export function passed<Fact>(detail: string, fact?: Fact): PassedResult<Fact | undefined> {
  return { outcome: 'passed', detail, fact };
}

/** A failed check; give `expected` and `found` where two values were compared. */
export function failed(
  detail: string,
  compared?: { readonly expected: string; readonly found: string; readonly hint?: Hint },
): FailedResult {
  return { outcome: 'failed', detail, ...compared };
}

/** A failed check of a key that was not good at some time, with what its user can do about it. */
export function notGood(when: string, { reason, hint }: { reason: string; hint?: string }): FailedResult {
  return { ...failed(`${when}: ${reason}`), ...(hint !== undefined && { hint }) };
}

export function skipped(reason: string): SkippedResult {
  return { outcome: 'skipped', detail: reason };
}

/** The first check that failed, in the order of judgement. */
export function firstFailure(checks: readonly Check[]): Check | undefined {
  return checks.find(({ outcome }) => outcome === 'failed');
}

/** What came of a check, if it is among these. */
export function outcomeOf(wanted: CheckId, checks: readonly Check[]): Check['outcome'] | undefined {
  return checks.find(({ id }) => id === wanted)?.outcome;
}
