import type { Policy } from '../policy/policy.ts';
import type { ChartRules } from '../policy/requirements.ts';
import type { Chosen } from '../settings/settings.ts';

/** The policy that a run obeys. */
export interface PolicyInForce {
  readonly path: string;
  readonly policy: Policy;
  readonly rules: ChartRules;
  /** The settings as the policy has them. */
  readonly chosen: Chosen;
  /** The texts of the checkpoints of its log that count as seen. */
  readonly checkpoints: readonly string[];
}
