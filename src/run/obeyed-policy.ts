import type { KeyObject } from 'node:crypto';
import type { Policy } from '../policy/policy.ts';
import type { ChartRules } from '../policy/requirements.ts';
import type { Chosen } from '../settings/settings.ts';

/** The policy that a run obeys. */
export interface PolicyInForce {
  readonly path: string;
  readonly policy: Policy;
  readonly rules: ChartRules;
  /** The keys that its items name, by the paths of their files there. */
  readonly signerKeys: ReadonlyMap<string, KeyObject>;
  /** The same: SHA-256 of the DER SubjectPublicKeyInfo. */
  readonly keyIds: ReadonlyMap<string, string>;
  /** The file of the trusted root for identities; undefined: Sigstore's own. */
  readonly trustedRoot: string | undefined;
  /** The settings as the policy has them. */
  readonly chosen: Chosen;
  /** The texts of the checkpoints of its log that count as seen. */
  readonly checkpoints: readonly string[];
}
