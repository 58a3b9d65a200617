import { outcomeOf, type Check } from '../verification/checks.ts';
import type { ProvenEntry } from '../verification/entry-report.ts';
import type { Decision, Evidences } from './decision.ts';
import { isPreferred } from './preference.ts';
import type { Requirements } from './requirements.ts';

/**
 * Compares the evidence for a chart with what is required of it. The piece that counts (see `isPreferred`)
 * decides alone, where no policy asks for several.
 */
export function decide(evidences: Evidences, requirements: Requirements): Decision {
  const [first, ...others] = evidences;
  const evidence = others.reduce(
    (best, each) => (isPreferred(each, best, requirements) ? each : best),
    first,
  );
  const ruled = requirements.rule?.decide(evidences, evidence);
  if (ruled !== undefined) return ruled;
  switch (evidence.kind) {
    case 'proven': {
      const lacking = skippedConsistency(evidence, requirements);
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

function skippedConsistency({ checks }: ProvenEntry, requirements: Requirements): Check | undefined {
  if (requirements.consistency !== 'required' || outcomeOf('consistency', checks) === 'passed')
    return undefined;
  return checks.find(({ id }) => id === 'consistency');
}
