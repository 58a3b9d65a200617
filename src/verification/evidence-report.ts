import { firstFailure, type Check, type CheckId } from './checks.ts';
import { idsOf } from './make-checks.ts';

/**
 * A kind of evidence, as a closed list of checks: evidence of this kind is proven when each of them passed, or was
 * skipped where the profile says that it is optional.
 */
export interface Profile<Name extends string, Id extends CheckId = CheckId> {
  readonly name: Name;
  /** In the order of judgement. */
  readonly checks: Readonly<
    Record<Id, { readonly standsOn: readonly CheckId[]; readonly isOptional?: true }>
  >;
}

declare const complete: unique symbol;

/** Checks that were found to be all of a profile, and good; only `proveComplete` makes them. */
export type CompleteChecks<Name extends string> = readonly Check[] & { readonly [complete]: Name };

/** What every report says: of which kind the evidence is, and the checks that were made. */
interface Reported<Name extends string> {
  readonly profile: Name;
  readonly checks: readonly Check[];
}

/** Every check of the profile passed. Only `reportOn` makes one. */
export interface Proven<Name extends string> extends Reported<Name> {
  readonly kind: 'proven';
  readonly checks: CompleteChecks<Name>;
}

/** Evidence was examined and does not hold. */
export interface Refuted<Name extends string> extends Reported<Name> {
  readonly kind: 'refuted';
  /** The first check that failed. */
  readonly failure: Check;
}

/** There is no evidence of this kind: the checks that need it are skipped. */
export interface Absent<Name extends string> extends Reported<Name> {
  readonly kind: 'absent';
}

/** Nobody could find out if there is evidence, or what it is worth. What was not checked is skipped. */
export interface Unchecked<Name extends string> extends Reported<Name> {
  readonly kind: 'unchecked';
}

/** What one piece of evidence came to. */
export type EvidenceReport<Name extends string> =
  Proven<Name> | Refuted<Name> | Absent<Name> | Unchecked<Name>;

/** Evidence that could not be checked, with what was found out all the same. */
export function unchecked<Name extends string>(
  { name }: Pick<Profile<Name>, 'name'>,
  checks: readonly Check[] = [],
): Unchecked<Name> {
  return { kind: 'unchecked', profile: name, checks };
}

/**
 * The report on evidence, from the checks that were made of it.
 * @throws Error, a defect of ours, where no check failed and they are still not all of the profile
 */
export function reportOn<Name extends string, Id extends CheckId>(
  profile: Profile<Name, Id>,
  checks: readonly Check[],
): Proven<Name> | Refuted<Name> {
  const failure = firstFailure(checks);
  if (failure !== undefined) return { kind: 'refuted', profile: profile.name, checks, failure };
  const proof = proveComplete(profile, checks);
  if (proof === undefined) throw new Error(`the checks of ${profile.name} are incomplete, and none failed`);
  return { kind: 'proven', profile: profile.name, checks: proof };
}

/**
 * The checks as proof, or undefined: they are proof only if each check of the profile is there exactly once, nothing
 * else is there, and all passed. An optional check may be skipped instead.
 */
export function proveComplete<Name extends string, Id extends CheckId>(
  { checks: wanted }: Profile<Name, Id>,
  checks: readonly Check[],
): CompleteChecks<Name> | undefined {
  const ids = idsOf(wanted);
  const byId = new Map<CheckId, Check>(checks.map((check) => [check.id, check]));
  const isGood = (id: Id) => {
    const outcome = byId.get(id)?.outcome;
    return outcome === 'passed' || (outcome === 'skipped' && wanted[id].isOptional === true);
  };
  // An empty list proves nothing, not even for a profile without checks.
  const isComplete = ids.length > 0 && checks.length === ids.length && ids.every(isGood);
  return isComplete ? (checks as CompleteChecks<Name>) : undefined;
}
