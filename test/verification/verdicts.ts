import type { ErrorCode } from '../../src/errors.ts';
import type { Check, CheckId } from '../../src/verification/checks.ts';
import { CHECK_IDS, LOCAL_CHECK_IDS, OPENPGP_REKOR } from '../../src/verification/openpgp-rekor.ts';
import type { Ran } from '../support/program.ts';

/** What a run over one chart said (docs/json.md). */
export interface ChartAnswer extends AboutEvidence, AboutChart {
  readonly status: number;
  readonly code?: ErrorCode | undefined;
  /** What came of each check: `passed`, `failed`, or why it was skipped. */
  readonly outcomes?: Readonly<Record<string, string>>;
}

interface AboutChart {
  readonly verdict?: string;
  readonly others?: readonly { readonly uuid: string; readonly reason: string }[];
  readonly othersNotShown?: number;
}

/** The evidence that decided. */
interface AboutEvidence {
  readonly entry?: { readonly uuid: string; readonly integratedTime: string };
  readonly warnings?: readonly string[];
}

interface Document {
  readonly results?: readonly (AboutChart & {
    readonly evidences?: readonly (AboutEvidence & { readonly checks: readonly Check[] })[];
  })[];
  readonly errors?: readonly { readonly code: ErrorCode }[];
}

export function chartAnswer({ status, stdout }: Ran): ChartAnswer {
  const { results, errors } = JSON.parse(stdout) as Document;
  const { evidences: [evidence] = [], ...result } = results?.[0] ?? {};
  const about = evidence && { ...evidence, outcomes: outcomesOf(evidence.checks) };
  return { ...result, ...about, status, code: errors?.[0]?.code };
}

function outcomesOf(checks: readonly Check[]): Record<string, string> {
  return Object.fromEntries(
    checks.map(({ id, outcome, detail }) => [id, outcome === 'skipped' ? detail : outcome]),
  );
}

/**
 * The outcomes of all checks when these, and no others, have this outcome: what stands on one of them is skipped,
 * naming it, all else passes. No checkpoint was seen before, so consistency cannot be checked.
 */
export function outcomesWith(bad: Readonly<Partial<Record<CheckId, string>>>): Record<string, string> {
  const outcomes: Partial<Record<CheckId, string>> = {};
  const isBad = (id: CheckId) => (bad[id] ?? outcomes[id] ?? 'passed') !== 'passed';
  const localFault = LOCAL_CHECK_IDS.find(isBad);
  for (const id of CHECK_IDS) {
    const isLocal = LOCAL_CHECK_IDS.some((local) => local === id);
    const obstacle = isLocal ? undefined : (localFault ?? standsOn(id).find(isBad));
    const otherwise = id === 'consistency' ? 'no checkpoint seen before' : 'passed';
    outcomes[id] = bad[id] ?? (obstacle === undefined ? otherwise : `depends on ${obstacle}`);
  }
  return outcomes;
}

function standsOn(id: (typeof CHECK_IDS)[number]): readonly CheckId[] {
  return OPENPGP_REKOR.checks[id].standsOn;
}

export function isCheckId(text: string): text is CheckId {
  return CHECK_IDS.some((id) => id === text);
}
