import type { AskedChart } from './asked-chart.ts';
import { requirementsOfRule } from './chart-rules.ts';
import { whyNotAbout } from './choose-rule.ts';
import type { Position } from './policy-error.ts';
import type { Policy, PolicyRule } from './policy.ts';
import type { Requirements } from './requirements.ts';
import { holdAgainst, rulingOn } from './ruling.ts';
import type { AnyReport, Ruling } from './decision.ts';

/** Whether a rule is about a chart, and what it makes of that. */
export interface RuleExplanation {
  readonly rule: string;
  readonly at: Position;
  /** The pattern that is about the chart; undefined: none is. */
  readonly matched?: string;
  /** Why each pattern is not, where none is. */
  readonly unmatched: readonly { readonly pattern: string; readonly why: string }[];
  /** Of the first rule that is about the chart this is the decision; of others, what it would be. */
  readonly ruling?: Ruling;
}

/** Every rule of a policy, in its order. @param general what flags require beside */
export function explainRules(
  { rules }: Pick<Policy, 'rules'>,
  asked: AskedChart,
  evidences: readonly AnyReport[],
  general: Pick<Requirements, 'signers' | 'consistency' | 'proof' | 'identities'>,
  now: number,
  keyIds: ReadonlyMap<string, string>,
): readonly RuleExplanation[] {
  return rules.map((rule) => {
    const { name, at, charts } = rule;
    const whys = charts.map((pattern) => ({ pattern: pattern.value, why: whyNot(pattern, rule, asked) }));
    const matched = whys.find(({ why }) => why === undefined);
    if (matched === undefined)
      return {
        rule: name,
        at,
        unmatched: whys.flatMap(({ pattern, why }) => (why === undefined ? [] : { pattern, why })),
      };
    const required = requirementsOfRule(rule, general, now, keyIds);
    const ruling = rulingOn(evidences, required, holdAgainst(evidences, required));
    return { rule: name, at, matched: matched.pattern, unmatched: [], ruling };
  });
}

/** Of a chart whose name can be read in several ways, a pattern is about it by any of them. */
function whyNot(
  pattern: PolicyRule['charts'][number],
  rule: PolicyRule,
  asked: AskedChart,
): string | undefined {
  const readings = asked.named.length === 0 ? [undefined] : asked.named;
  const whys = readings.map((named) => whyNotAbout(pattern, rule, asked, named));
  return whys.includes(undefined) ? undefined : whys[0];
}
