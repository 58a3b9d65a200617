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

export type LocalCheckId = (typeof LOCAL_CHECK_IDS)[number];
export type EntryCheckId = Exclude<CheckId, LocalCheckId>;

/**
 * What each check stands on: when one of these did not pass, the check cannot be made and is skipped, naming it.
 * Nothing is asked of a log for a chart that fails a local check, so every check of an entry depends on those.
 */
export const DEPENDS_ON: Record<CheckId, readonly CheckId[]> = {
  'archive-digest': [],
  'archive-name': [],
  'provenance-signature': [],
  'entry-kind': [...LOCAL_CHECK_IDS],
  'entry-binding': ['entry-kind'],
  'entry-id': [...LOCAL_CHECK_IDS],
  'log-key': [...LOCAL_CHECK_IDS],
  'inclusion-promise': ['log-key'],
  checkpoint: ['log-key'],
  'inclusion-proof': ['entry-id', 'checkpoint'],
  'signer-key': ['entry-binding', 'inclusion-promise'],
  'log-time': ['inclusion-promise'],
  consistency: ['checkpoint'],
};

/** One check and what came of it. `detail` is one line for people; `expected` and `found` where it compares. */
export interface Check {
  readonly id: CheckId;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
  readonly expected?: string;
  readonly found?: string;
}

/** What the making of one check says, before it is filed under its id. */
export type Finding = Omit<Check, 'id'>;

export function passed(detail: string): Finding {
  return { outcome: 'passed', detail };
}

/** A failed check; give `expected` and `found` where two values were compared. */
export function failed(detail: string, compared?: { expected: string; found: string }): Finding {
  return { outcome: 'failed', detail, ...compared };
}

export function skipped(reason: string): Finding {
  return { outcome: 'skipped', detail: reason };
}

/**
 * Makes the given checks in the given order. A check whose dependencies did not all pass is skipped; `before`
 * holds the checks already made. What a check throws is a failure of that check, never a pass.
 */
export async function makeChecks<Id extends CheckId>(
  make: Record<Id, () => Finding | Promise<Finding>>,
  order: readonly Id[],
  before: readonly Check[] = [],
): Promise<Check[]> {
  const made: Check[] = [...before];
  for (const id of order) {
    const obstacle = DEPENDS_ON[id].find(
      (needed) => made.find((check) => check.id === needed)?.outcome !== 'passed',
    );
    const finding = obstacle === undefined ? await make[id]() : skipped(`depends on ${obstacle}`);
    made.push({ id, ...finding });
  }
  return made.slice(before.length);
}
