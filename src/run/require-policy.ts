import { UsageError } from '../errors.ts';
import type { RunContext } from './context.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { defaultPolicyPath } from './policy-place.ts';

/** The policy of a run that is about one. @throws UsageError if there is none */
export function requirePolicy(
  context: Pick<RunContext, 'policy' | 'env' | 'home' | 'platform'>,
): PolicyInForce {
  if (context.policy !== undefined) return context.policy;
  const place = defaultPolicyPath(context);
  throw new UsageError(
    'expected a policy, found none',
    place === undefined
      ? 'name one with --policy'
      : `name one with --policy, or put it where it is obeyed from then on: ${place}`,
  );
}
