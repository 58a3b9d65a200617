import { hintFor, type Diagnosis, type SigstoreError } from '../errors.ts';
import type { ChartReport } from '../policy/chart-report.ts';
import type { RuleExplanation } from '../policy/explain-rules.ts';
import type { LintFinding } from '../policy/lint-policy.ts';
import { unsuccessful, type RenderedChart } from './chart-result.ts';
import type { ReportedArchive } from './chart-text.ts';
import { chartMembers, type ShownTo } from './json.ts';
import { isPassed, rulingLines } from './ruling-text.ts';

/** A chart about which a policy decided. */
interface DecidedChart {
  readonly report: ChartReport;
  readonly archive: ReportedArchive;
}

/**
 * What a policy makes of a chart: the verdict, the rule, and why.
 * @param rules every rule, if they are explained
 * @param refused why the gate gives it to nobody, by its own policy: then it is accepted by none
 */
export function decidedResult(
  { report, archive }: DecidedChart,
  shownTo: ShownTo,
  rules?: readonly RuleExplanation[],
  refused?: SigstoreError,
): RenderedChart {
  const explained = rules && { rules: rules.map(explanationMembers) };
  const members = { ...chartMembers(report, archive, shownTo), ...explained };
  const ruling = report.ruling === undefined ? [] : rulingLines(report.ruling);
  const isGood = report.verdict === 'verified' || isPassed(report);
  const isAccepted = isGood && refused === undefined;
  const text = [
    `${isAccepted ? 'Accepted' : 'Not Accepted'}: ${archive.label}`,
    `Verdict: ${report.verdict}`,
    ...(refused ? [`Gate: ${refused.message}`] : []),
    ...ruling,
    ...(rules ? ['', ...explanationLines(rules)] : []),
  ];
  if (isAccepted) return { text, members };
  if (isGood && refused !== undefined) return { text, members, diagnosis: diagnosisOfGate(refused) };
  return unsuccessful(
    report,
    archive,
    rules ? { ...shownTo, explaining: false } : shownTo,
    members,
    () => text,
  );
}

function diagnosisOfGate({ code, message, hint }: SigstoreError): Diagnosis {
  const text = hintFor(hint, 'consumer');
  return { code, message, ...(text !== undefined && { hint: text }) };
}

/** The findings of a lint, for people. */
export function lintText(path: string, findings: readonly LintFinding[]): string[] {
  if (findings.length === 0) return [`No Mistakes Found: ${path}`];
  return findings.map(({ kind, at, message }) => {
    const place = at === undefined ? '' : `${at.line}:${at.column}: `;
    return `${path}: ${place}${kind}: ${message}`;
  });
}

function explanationLines(rules: readonly RuleExplanation[]): string[] {
  const first = rules.find(({ matched }) => matched !== undefined);
  return rules.flatMap((each) => [
    `Rule ${each.rule} (line ${each.at.line}): ${inWords(each, first)}`,
    ...each.unmatched.slice(0, SHOWN).map(({ pattern, why }) => `  ${pattern}: ${why}`),
    ...(each.unmatched.length > SHOWN ? [`  and ${each.unmatched.length - SHOWN} more patterns`] : []),
    ...(each.ruling ? rulingLines(each.ruling).map((line) => `  ${line}`) : []),
  ]);
}

function inWords(each: RuleExplanation, first: RuleExplanation | undefined): string {
  if (each.matched === undefined) return 'is not about it';
  const by = `is about it, by ${each.matched}`;
  return each === first ? `${by}, and decides` : `${by}, but a rule before it decides`;
}

const SHOWN = 10;

function explanationMembers({ rule, at, matched, unmatched, ruling }: RuleExplanation): object {
  return {
    rule,
    ...at,
    ...(matched !== undefined && { matched }),
    ...(unmatched.length > 0 && { unmatched: unmatched.slice(0, 10 * SHOWN) }),
    ...(ruling && { ruling }),
  };
}
