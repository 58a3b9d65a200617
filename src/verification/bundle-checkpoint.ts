import { MalformedError } from '../errors.ts';
import type { TrustedLogKey } from '../trust/sigstore-trust.ts';
import type { BundleEvidence } from './bundle-evidence.ts';
import { bundleCheckpoint, bundleLogKey } from './bundle-log-checks.ts';
import { firstFailure } from './checks.ts';
import { makeChecks } from './make-checks.ts';
import { readSignedCheckpoint, type SignedCheckpoint } from './signed-checkpoint.ts';

/**
 * The checkpoint in a bundle, and the key that signed it; undefined where it has none, or the checks `log-key` and
 * `checkpoint` do not pass.
 */
export async function checkpointOfBundle(
  evidence: BundleEvidence,
): Promise<{ readonly checkpoint: SignedCheckpoint; readonly key: TrustedLogKey } | undefined> {
  const { proof } = evidence.bundle.entry;
  if (proof === undefined) return undefined;
  const { facts, checks } = await makeChecks(
    { 'log-key': bundleLogKey, checkpoint: bundleCheckpoint },
    evidence,
  );
  const key = facts['log-key'] as TrustedLogKey | undefined;
  if (firstFailure(checks) !== undefined || key === undefined) return undefined;
  try {
    const checkpoint = readSignedCheckpoint(proof.checkpoint, [key]);
    return checkpoint && { checkpoint, key };
  } catch (thrown) {
    // One of a Rekor v1 whose origin names no tree: nothing is known of such trees.
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}
