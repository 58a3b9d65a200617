import { outcomeOf, type Check } from '../verification/checks.ts';
import { isByOpenPgp, type AnyReport, type Decision, type Evidences, type ProvenReport } from './decision.ts';
import { isPreferred } from './preference.ts';
import type { Requirements } from './requirements.ts';

/**
 * Compares the evidence for a chart with what is required of it. Of each kind of evidence, the piece that counts (see
 * `isPreferred`) decides alone, where no policy asks for several.
 */
export function decide(evidences: Evidences, requirements: Requirements): Decision {
  if (requirements.rule === undefined) return decideByKinds(evidences, requirements);
  const best = bestOf(evidences, requirements);
  return requirements.rule.decide(evidences, best) ?? decideBy(best, requirements);
}

function decideByKinds(evidences: Evidences, requirements: Requirements): Decision {
  const { kinds = 'openpgp' } = requirements;
  const [openpgp, bundle] = (['openpgp', 'bundle'] as const).map((kind) => {
    const [first, ...others] = evidences.filter((each) => kindOf(each) === kind);
    return first && decideBy(bestOf([first, ...others], requirements), requirements);
  });
  switch (kinds) {
    case 'openpgp':
      return openpgp ?? notAskedFor(bundle);
    case 'bundle':
      return bundle ?? notAskedFor(openpgp);
    case 'any':
      if (bundle?.verdict === 'verified') return bundle;
      return openpgp ?? notGiven(bundle);
    case 'both':
      return both(notGiven(openpgp), notGiven(bundle));
  }
}

/** The decision about evidence of another kind than the one that has to hold: it may say why not, and never that it does. */
function notAskedFor(decision: Decision | undefined): Decision {
  if (decision?.verdict === 'rejected') return decision;
  throw new Error('there is no evidence of the kind that was asked for');
}

function notGiven(decision: Decision | undefined): Decision {
  if (decision === undefined) throw new Error('there is no evidence of a kind that was asked for');
  return decision;
}

function both(one: Decision, other: Decision): Decision {
  if (one.verdict === 'verified' && other.verdict === 'verified') return { ...one, beside: [other.evidence] };
  const bad = [one, other].filter(({ verdict }) => verdict !== 'verified');
  return (
    WORST_FIRST.flatMap((worst) => bad.find(({ verdict }) => verdict === worst) ?? [])[0] ?? notGiven(bad[0])
  );
}

const WORST_FIRST: readonly Decision['verdict'][] = ['rejected', 'unchecked', 'not-found'];

function kindOf(report: AnyReport): 'openpgp' | 'bundle' {
  return isByOpenPgp(report) ? 'openpgp' : 'bundle';
}

function bestOf([first, ...others]: Evidences, requirements: Requirements): AnyReport {
  return others.reduce<AnyReport>(
    (best, each) => (isPreferred(each, best, requirements) ? each : best),
    first,
  );
}

function decideBy(evidence: AnyReport, requirements: Requirements): Decision {
  switch (evidence.kind) {
    case 'proven': {
      const lacking = skippedAndRequired(evidence, requirements);
      return lacking === undefined
        ? { verdict: 'verified', evidence }
        : { verdict: 'unchecked', evidence, lacking };
    }
    case 'refuted':
      return { verdict: 'rejected', evidence };
    case 'absent':
      return { verdict: 'not-found', evidence };
    case 'unchecked':
      return { verdict: 'unchecked', evidence };
  }
}

/** The first check that is required and was skipped. Every profile has these checks, so none can be missing. */
function skippedAndRequired(
  { checks }: ProvenReport,
  { consistency, proof }: Requirements,
): Check | undefined {
  const required = [
    ...(proof === 'required' ? (['inclusion-proof'] as const) : []),
    ...(consistency === 'required' ? (['consistency'] as const) : []),
  ];
  const lacking = required.find((id) => outcomeOf(id, checks) !== 'passed');
  return checks.find(({ id }) => id === lacking);
}
