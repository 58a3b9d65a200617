import { excerpt } from '../encoding.ts';
import type { ProvenBundle } from '../verification/chart-bundle.ts';
import {
  isByOpenPgp,
  type AnyReport,
  type Decision,
  type Evidences,
  type ProvenReport,
  type Ruling,
} from './decision.ts';
import type { ChartRule, RuleRequirements } from './requirements.ts';
import { holdAgainst, rulingOn } from './ruling.ts';

/** What a rule requires, and how evidence is held against it. */
export function chartRule(requires: RuleRequirements): ChartRule {
  return { requires, decide: (evidences, best) => decideByRule(evidences, best, requires) };
}

function decideByRule(evidences: Evidences, best: AnyReport, rule: RuleRequirements): Decision | undefined {
  if (isFinal(best)) return undefined;
  const held = holdAgainst(evidences, rule);
  const ruling = rulingOn(evidences, rule, held);
  const passing = (verdict: Passing, evidence: AnyReport, why: Ruling) =>
    broken(evidences) ?? pass(verdict, evidence, why, rule);
  if (held.kind === 'skipped')
    return { verdict: 'unchecked', evidence: held.evidence, lacking: held.check, ruling };
  if (held.kind === 'satisfied') {
    const { evidences: counted } = held.count;
    const [first] = counted;
    if (first === undefined) return passing('pinned', best, ruling);
    // What could not be looked at may contradict it.
    if (best.kind === 'unchecked') return { verdict: 'unchecked', evidence: best };
    if (rule.needsOpenpgp && !evidences.some(isProvenByOpenpgp))
      return broken(evidences) ?? lackingFlag(best, ruling);
    const lacking = lackingIdentity(held.accepted, rule);
    if (lacking !== undefined)
      return (
        broken(evidences) ?? { verdict: 'refused', evidence: best, ruling: { ...ruling, reason: lacking } }
      );
    return { verdict: 'verified', evidence: counted.find((each) => each === best) ?? first, ruling };
  }
  const verdict = UNSATISFIED[held.kind][rule.unclear === undefined ? rule.level : 'enforce'];
  if (verdict === 'allowed') return passing(verdict, best, ruling);
  if (best.kind === 'unchecked') return { verdict: 'unchecked', evidence: best };
  return verdict === 'warned' ? passing(verdict, best, ruling) : { verdict, evidence: best, ruling };
}

/** What becomes of a chart whose rule is not satisfied, by what is wrong and the level. */
const UNSATISFIED = {
  missing: { enforce: 'refused', warn: 'warned', allow: 'allowed' },
  'too-old': { enforce: 'refused', warn: 'refused', allow: 'refused' },
} as const;

type Passing = 'warned' | 'pinned' | 'allowed';

/** A chart passes without being proven, unless flags ask for a proof: they only narrow what a policy lets pass. */
function pass(
  verdict: Passing,
  evidence: AnyReport,
  ruling: Ruling,
  { isNarrowed }: RuleRequirements,
): Decision {
  if (!isNarrowed) return { verdict, evidence, ruling };
  return evidence.kind === 'unchecked' ? { verdict: 'unchecked', evidence } : lackingFlag(evidence, ruling);
}

function lackingFlag(evidence: AnyReport, ruling: Ruling): Decision {
  const reason = `a flag asks for evidence of the log, and there is none that counts (${ruling.reason})`;
  return { verdict: 'refused', evidence, ruling: { ...ruling, reason } };
}

/**
 * Why those who satisfy a rule are not whom a flag asks for; undefined: one of them is, or it asks for nobody. The rule has judged all
 * else, such as the source of a workflow. Whoever satisfies an item can be among as many as satisfy the rule.
 */
function lackingIdentity(
  accepted: readonly ProvenReport[],
  { narrowedTo = [], name = '' }: RuleRequirements,
): string | undefined {
  const [first] = narrowedTo;
  const isAskedFor = ({ signer }: ProvenBundle) =>
    signer.kind === 'certificate' &&
    narrowedTo.some(({ matches, issuer }) => matches(signer.identity.value) && issuer === signer.issuer);
  if (first === undefined || accepted.some((each) => !isByOpenPgp(each) && isAskedFor(each)))
    return undefined;
  return `a flag asks for a signature by ${excerpt(first.words, 200)} (issuer ${excerpt(first.issuer, 200)}), and none by it satisfies the rule ${name}`;
}

/** The decision about evidence that was examined and does not hold, whatever lies beside it. */
function broken(evidences: Evidences): Decision | undefined {
  for (const evidence of evidences)
    if (evidence.kind === 'refuted' && isFinal(evidence)) return { verdict: 'rejected', evidence };
  return undefined;
}

function isProvenByOpenpgp(evidence: AnyReport): boolean {
  return evidence.kind === 'proven' && isByOpenPgp(evidence);
}

/** Checks of bundles that say no more than that nobody who counts released the chart. */
const MISSING: readonly string[] = ['identity', 'statement'];

/**
 * Whether no rule changes what this evidence comes to: it was examined and does not hold, or nobody could look at what
 * is here. A signature by a key that nobody knows was not examined.
 */
function isFinal(evidence: AnyReport): boolean {
  if (evidence.kind === 'unchecked') return !evidence.error.code.startsWith('LOG_');
  if (evidence.kind !== 'refuted') return false;
  const failures = evidence.checks.filter(({ outcome }) => outcome === 'failed');
  // Somebody else signed, which is what a rule is about, or said something else of it.
  if (!isByOpenPgp(evidence)) return failures.some(({ id }) => !MISSING.includes(id));
  const isUnknown = evidence.statement?.isSignerUnknown === true;
  return !(isUnknown && failures.every(({ id }) => id === 'provenance-signature'));
}
