import { InputError, MalformedError } from '../errors.ts';
import {
  skipped,
  type Check,
  type CheckId,
  type CheckResult,
  type Facts,
  type FailedResult,
} from './checks.ts';
import { FAILED_CHECK_HINTS } from './hints.ts';

/** How one check is made of some evidence, and of the facts of the checks that it stands on. */
interface CheckDefinition<Id extends CheckId, Evidence, Needed extends CheckId> {
  /** When one of these did not pass, the check cannot be made: it is skipped, naming the first of them. */
  readonly standsOn: readonly Needed[];
  readonly make: (
    evidence: Evidence,
    facts: Pick<Facts, Needed>,
  ) => CheckResult<Facts[Id]> | Promise<CheckResult<Facts[Id]>>;
  /** A closer look, which costs more or says less: taken only where every check of the set passed. */
  readonly lookCloser?: (evidence: Evidence) => Promise<FailedResult | undefined>;
  /** Whether evidence counts without this check, if its maker skips it. */
  readonly isOptional?: true;
}

/** Definitions that are made together, in this order; they may stand on checks that were made before (`Given`). */
export type CheckSet<Id extends CheckId, Evidence, Given extends CheckId = never> = {
  readonly [Each in Id]: CheckDefinition<Each, Evidence, NoInfer<Id | Given>>;
};

/** Defines a check: what it stands on, and how it is made of evidence and of just these facts. */
export function check<Evidence, Fact, Needed extends CheckId = never>(
  standsOn: readonly Needed[],
  make: (evidence: Evidence, facts: Pick<Facts, Needed>) => CheckResult<Fact> | Promise<CheckResult<Fact>>,
): { readonly standsOn: readonly Needed[]; readonly make: typeof make } {
  return { standsOn, make };
}

/** The same check, which evidence may lack. */
export function optional<Definition extends object>(
  definition: Definition,
): Definition & { readonly isOptional: true } {
  return { ...definition, isOptional: true };
}

/** Checks as they were made, with the facts that are established. */
export interface MadeChecks<Id extends CheckId> {
  readonly checks: readonly Check[];
  /** Also what a failed check found out, for reports. */
  readonly facts: Partial<Pick<Facts, Id>>;
  /**
   * There is no verdict, because the only fault may be in a file of the user's own: at most one check failed, and not all
   * passed.
   */
  readonly unjudged?: InputError;
}

const NOTHING: MadeChecks<never> = { checks: [], facts: {} };

/**
 * Makes the checks of a set, one after the other. A check is skipped where one that it stands on did not
 * pass, and fails where foreign bytes do not parse (MalformedError). Any other error is no verdict, and is
 * thrown on.
 * @param before checks made before, on which these may stand
 */
export async function makeChecks<Id extends CheckId, Evidence, Given extends CheckId = never>(
  set: CheckSet<Id, Evidence, Given>,
  evidence: Evidence,
  before: MadeChecks<Given> = NOTHING,
): Promise<MadeChecks<Id | Given>> {
  const made = new Map<CheckId, Check>(before.checks.map((each) => [each.id, each]));
  const facts: Partial<Record<CheckId, unknown>> = { ...before.facts };
  let unjudged: InputError | undefined;
  const file = (id: Id, { fact, unjudged: error, ...result }: CheckResult<unknown> & FilingOptions) => {
    made.set(id, checkOf(id, result));
    if (fact !== undefined) facts[id] = fact;
    unjudged ??= error;
  };
  const ids = idsOf(set);
  for (const id of ids) {
    const { standsOn, make } = set[id];
    const obstacle = standsOn.find((needed) => outcomeIn(made, needed) !== 'passed');
    file(
      id,
      obstacle === undefined
        ? await resultOf(() => make(evidence, pick(facts, standsOn)))
        : skipped(`depends on ${obstacle}`),
    );
  }
  for (const id of ids) {
    const { lookCloser } = set[id];
    if (lookCloser === undefined || !allPassed(made)) continue;
    const found = await closerLook(() => lookCloser(evidence));
    if (found !== undefined) file(id, found);
  }
  const failures = [...made.values()].filter(({ outcome }) => outcome === 'failed');
  return {
    checks: [...made.values()],
    facts: facts as Partial<Pick<Facts, Id | Given>>,
    ...(unjudged && failures.length <= 1 && { unjudged }),
  };
}

interface FilingOptions {
  readonly fact?: unknown;
  readonly unjudged?: InputError;
}

/** What a closer look shows. If a file cannot be read, the check did not pass, and there is no verdict. */
async function closerLook(
  look: () => Promise<FailedResult | undefined>,
): Promise<(CheckResult<unknown> & FilingOptions) | undefined> {
  try {
    return await look();
  } catch (thrown) {
    if (thrown instanceof InputError) return { ...skipped(thrown.message), unjudged: thrown };
    throw thrown;
  }
}

/** The ids of a set, in the order in which its checks are made. */
export function idsOf<Id extends CheckId>(set: Readonly<Record<Id, unknown>>): readonly Id[] {
  return Object.keys(set) as Id[];
}

/** The result under the name of its check; one that failed always says what to do about it. */
export function checkOf(id: CheckId, result: Omit<Check, 'id'>): Check {
  const hint = result.outcome === 'failed' ? { hint: FAILED_CHECK_HINTS[id] } : {};
  return { id, ...hint, ...result };
}

async function resultOf<Fact>(
  make: () => CheckResult<Fact> | Promise<CheckResult<Fact>>,
): Promise<CheckResult<Fact>> {
  try {
    return await make();
  } catch (thrown) {
    if (thrown instanceof MalformedError) return { outcome: 'failed', detail: thrown.message };
    throw thrown;
  }
}

function outcomeIn(made: ReadonlyMap<CheckId, Check>, id: CheckId): Check['outcome'] {
  const needed = made.get(id);
  if (needed === undefined) throw new Error(`${id} is stood on before it is made`);
  return needed.outcome;
}

/** The facts of checks that passed. A missing fact is a defect of ours, and must not look like a verdict. */
function pick<Needed extends CheckId>(
  facts: Partial<Record<CheckId, unknown>>,
  needed: readonly Needed[],
): Pick<Facts, Needed> {
  return Object.fromEntries(needed.map((id) => [id, facts[id]])) as unknown as Pick<Facts, Needed>;
}

function allPassed(made: ReadonlyMap<CheckId, Check>): boolean {
  return [...made.values()].every(({ outcome }) => outcome === 'passed');
}
