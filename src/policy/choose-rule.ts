import { matchesGlob } from './glob.ts';
import type { AskedChart, NamedVersion } from './asked-chart.ts';
import type { ChartPattern } from './chart-pattern.ts';
import type { Policy, PolicyRule } from './policy.ts';

/**
 * The rule for a chart, or that none is about it; or that its name can be read in ways for which different rules decide, or
 * is not known.
 */
export type ChosenRule =
  | { readonly kind: 'rule'; readonly rule: PolicyRule }
  | { readonly kind: 'otherwise' }
  | { readonly kind: 'nameless' }
  | {
      readonly kind: 'ambiguous';
      readonly readings: readonly { readonly name: string; readonly rule?: string }[];
    };

/** The first rule, in the order of the file, that is about what the user asked for. */
export function chooseRule({ rules }: Pick<Policy, 'rules'>, asked: AskedChart): ChosenRule {
  const readings = asked.named.length === 0 ? [undefined] : asked.named;
  const chosen = readings.map((named) => ({
    named,
    rule: rules.find((rule) => isAbout(rule, asked, named)),
  }));
  const [first] = chosen;
  if (chosen.some(({ rule }) => rule !== first?.rule))
    return {
      kind: 'ambiguous',
      readings: chosen.map(({ named, rule }) => ({
        name: named?.name ?? '',
        ...(rule && { rule: rule.name }),
      })),
    };
  const before = first?.rule === undefined ? rules : rules.slice(0, rules.indexOf(first.rule));
  // Who renames a file, so that it has no name of a chart, must not escape the rule for that name.
  if (asked.named.length === 0 && before.some((rule) => isForNames(rule, asked))) return { kind: 'nameless' };
  return first?.rule === undefined ? { kind: 'otherwise' } : { kind: 'rule', rule: first.rule };
}

/** Why a pattern of a rule is not about a chart, or undefined if it is. */
export function whyNotAbout(
  pattern: ChartPattern,
  { origin }: Pick<PolicyRule, 'origin'>,
  { reference }: AskedChart,
  named: NamedVersion | undefined,
): string | undefined {
  if (pattern.of === 'reference') {
    if (reference === undefined) return 'it is for references, and the chart is a file';
    return matchesGlob(pattern.glob, reference) ? undefined : `it does not match ${reference}`;
  }
  if (reference !== undefined && origin === 'file') return 'it is for files, and the chart is a reference';
  if (named === undefined) return 'it is for names, and the file name does not say one';
  return matchesGlob(pattern.glob, named.name) ? undefined : `it does not match ${named.name}`;
}

function isAbout(rule: PolicyRule, asked: AskedChart, named: NamedVersion | undefined): boolean {
  return rule.charts.some((pattern) => whyNotAbout(pattern, rule, asked, named) === undefined);
}

function isForNames({ charts, origin }: PolicyRule, { reference }: AskedChart): boolean {
  return (reference === undefined || origin === 'any') && charts.some(({ of }) => of === 'name');
}
