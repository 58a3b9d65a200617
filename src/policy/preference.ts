import { outcomeOf, type CheckId } from '../verification/checks.ts';
import type { AnyReport } from './decision.ts';
import type { Requirements } from './requirements.ts';

/**
 * Whether one report says more about a chart than another. The order is, first to last:
 * - a failed `consistency` check: the log contradicts itself, which nobody but the log can bring about, so no
 *   entry counts
 * - an entry that could not be checked: it may be anything
 * - a proven entry, first those with consistency and a proof if that is required; of equals the one that was logged first
 * - any other, the more checks it passed the better
 */
export function isPreferred(one: AnyReport, other: AnyReport, requirements: Requirements): boolean {
  const [a, b] = [weight(one, requirements), weight(other, requirements)];
  if (a !== b) return a > b;
  return one.kind === 'proven' && other.kind === 'proven' && isEarlier(one, other);
}

/** Whether the log took the entry of one before that of the other. */
export function isEarlier(one: AnyReport, other: AnyReport): boolean {
  const [a, b] = [one.entry?.time, other.entry?.time];
  // Of evidence of different logs nobody needs to know which came first.
  if (a === undefined || b === undefined) return false;
  return a.integratedTime === b.integratedTime
    ? a.logIndex < b.logIndex
    : a.integratedTime < b.integratedTime;
}

/** Weights above any number of checks. */
const [PROVEN, PROVEN_AS_REQUIRED, UNCHECKED, CONTRADICTION] = [100, 101, 102, 103];

function weight({ kind, checks }: AnyReport, { consistency, proof, rule }: Requirements): number {
  const isPassed = (id: CheckId) => outcomeOf(id, checks) === 'passed';
  if (outcomeOf('consistency', checks) === 'failed') return CONTRADICTION;
  if (kind === 'unchecked') return UNCHECKED;
  const needsConsistency = [consistency, rule?.requires.consistency].includes('required');
  const needsProof = [proof, rule?.requires.proof].includes('required');
  const isAsRequired =
    (!needsConsistency || isPassed('consistency')) && (!needsProof || isPassed('inclusion-proof'));
  if (kind === 'proven') return isAsRequired ? PROVEN_AS_REQUIRED : PROVEN;
  return checks.filter(({ outcome }) => outcome === 'passed').length;
}
