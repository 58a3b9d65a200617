import { UsageError } from '../errors.ts';
import type { RunContext } from './context.ts';
import type { PolicyInForce } from './obeyed-policy.ts';

/** The policy of a run that is about one. @throws UsageError if there is none */
export function requirePolicy({ policy }: Pick<RunContext, 'policy'>): PolicyInForce {
  if (policy !== undefined) return policy;
  throw new UsageError(
    'expected a policy, found none',
    'name one with --policy, or put it into the configuration directory as policy.yaml',
  );
}
