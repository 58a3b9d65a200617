import { MalformedError } from '../errors.ts';

/** The checks of `verify`, in the order of judgement. The set is closed: a verdict needs every one of them. */
export const CHECK_IDS = [
  'archive-digest',
  'archive-name',
  'provenance-signature',
  'entry-kind',
  'entry-binding',
  'entry-id',
  'log-key',
  'inclusion-promise',
  'checkpoint',
  'inclusion-proof',
  'signer-key',
  'log-time',
  'consistency',
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

/** The checks that look at the chart and its provenance alone; the others look at one entry of the log. */
export const LOCAL_CHECK_IDS = ['archive-digest', 'archive-name', 'provenance-signature'] as const;

type LocalCheckId = (typeof LOCAL_CHECK_IDS)[number];
export type EntryCheckId = Exclude<CheckId, LocalCheckId>;

/**
 * What each check stands on: when one of these did not pass, the check cannot be made and is skipped, naming it.
 * (All checks of an entry stand on the local ones as well: what a log says of a chart that fails one of those is not
 * looked at.)
 */
export const DEPENDS_ON: Record<CheckId, readonly CheckId[]> = {
  'archive-digest': [],
  'archive-name': [],
  'provenance-signature': [],
  'entry-kind': [],
  'entry-binding': ['entry-kind'],
  'entry-id': [],
  'log-key': [],
  'inclusion-promise': ['log-key'],
  checkpoint: ['log-key'],
  'inclusion-proof': ['checkpoint'],
  'signer-key': ['provenance-signature', 'entry-binding', 'inclusion-promise'],
  'log-time': ['inclusion-promise'],
  consistency: ['checkpoint'],
};

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
  readonly hint?: string;
}

/** What the making of one check says, before it is filed under its id. */
export type Finding = Omit<Check, 'id'>;

export function passed(detail: string): Finding {
  return { outcome: 'passed', detail };
}

/** A failed check; give `expected` and `found` where two values were compared. */
export function failed(
  detail: string,
  compared?: { readonly expected: string; readonly found: string; readonly hint?: string },
): Finding {
  return { outcome: 'failed', detail, ...compared };
}

export function skipped(reason: string): Finding {
  return { outcome: 'skipped', detail: reason };
}

/** How each of some checks is made. */
export type CheckMakers<Id extends CheckId> = Readonly<Record<Id, () => Finding | Promise<Finding>>>;

/**
 * Makes the checks of `order`, one after the other. A check whose dependencies among them did not all pass is
 * skipped, naming the first of those. Foreign bytes that do not parse fail the check that needed them.
 */
export async function makeChecks<Id extends CheckId>(
  makers: CheckMakers<Id>,
  order: readonly Id[],
): Promise<Check[]> {
  const made = new Map<CheckId, Check>();
  for (const id of order) {
    const obstacle = DEPENDS_ON[id].find(
      (needed) => order.some((other) => other === needed) && made.get(needed)?.outcome !== 'passed',
    );
    const finding = obstacle === undefined ? await findingOf(makers[id]) : skipped(`depends on ${obstacle}`);
    made.set(id, { id, ...finding });
  }
  return [...made.values()];
}

async function findingOf(make: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await make();
  } catch (thrown) {
    if (thrown instanceof MalformedError) return failed(thrown.message);
    throw thrown;
  }
}
