import { CHECK_IDS, type Check, type CheckId } from './checks.ts';

/**
 * - `verified`: every check passed (but `consistency`, where it may be skipped)
 * - `rejected`: evidence was examined and does not hold
 * - `not-found`: the log answered, and has no entry of this provenance
 * - `unchecked`: a check that was asked for could not be made
 */
export type Verdict = 'verified' | 'rejected' | 'not-found' | 'unchecked';

declare const complete: unique symbol;

/** Checks that were found complete and good; only `proveComplete` makes them. */
export type CompleteChecks = readonly Check[] & { readonly [complete]: true };

/**
 * The checks as proof of a verified entry, or undefined: they are proof only if every id of `CHECK_IDS` is there
 * exactly once, nothing else is there, and all passed. `consistency` alone may be skipped instead.
 */
export function proveComplete(checks: readonly Check[]): CompleteChecks | undefined {
  const byId = new Map<CheckId, Check>(checks.map((check) => [check.id, check]));
  const isComplete = checks.length === CHECK_IDS.length && CHECK_IDS.every((id) => byId.has(id));
  const isGood = checks.every(
    ({ id, outcome }) => outcome === 'passed' || (id === 'consistency' && outcome === 'skipped'),
  );
  return isComplete && isGood ? (checks as CompleteChecks) : undefined;
}

/** The first check that failed, in the order of judgement. */
export function firstFailure(checks: readonly Check[]): Check | undefined {
  return checks.find((check) => check.outcome === 'failed');
}
