import { UsageError } from '../errors.ts';
import type { EvidenceKinds, Requirements } from '../policy/requirements.ts';
import type { RunContext } from '../run/context.ts';
import type { WantedSigners } from '../run/wanted-signers.ts';
import type { ChartBundleOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { RELEASE_PREDICATES } from '../verification/statement-checks.ts';

/** What flags say of bundles, for every chart of a run. */
export interface BundleFlags {
  /** Whose bundles count. */
  readonly signers: WantedSigners;
  /** Predicate types of statements that count; undefined: those that say "I released this". */
  readonly predicateTypes: readonly string[] | undefined;
  readonly required: Pick<Requirements, 'kinds' | 'proof' | 'identities'>;
}

/**
 * Whose bundles count by flags; under a policy, which of those that it accepts have to be among them, and which kinds of evidence have to hold.
 * @throws UsageError on flags that contradict each other, or a policy
 * @throws InputError if the file of a key cannot be read
 */
export async function bundleFlagsOf(
  settings: Settings<ChartBundleOption | 'fingerprint'>,
  context: RunContext,
): Promise<BundleFlags> {
  const { wantedSignersOf } = await import('../run/wanted-signers.ts');
  const signers = await wantedSignersOf(settings, context);
  const required = settings.one('requireKinds');
  const isRuled = context.policy !== undefined;
  if (isRuled && (signers.keys.length > 0 || required !== undefined))
    throw new UsageError(
      `expected no ${required === undefined ? '--key' : '--require'} with a policy, found one: the policy ${context.policy.path} says who may sign`,
      'leave it out, or name the signer in the policy',
    );
  // Under a policy nobody counts because a flag names him.
  const isNamed = !isRuled && signers.identities.length + signers.keys.length > 0;
  const hasFingerprint = settings.givenByFlag('fingerprint').length > 0;
  const predicateType = settings.one('predicateType');
  if (
    context.policy !== undefined &&
    predicateType !== undefined &&
    !RELEASE_PREDICATES.includes(predicateType)
  )
    throw new UsageError(
      'expected no --predicate-type with a policy of a kind that does not count without it, found one',
      `leave it out: statements that count are ${RELEASE_PREDICATES.join(', ')}`,
    );
  return {
    signers: isRuled ? NO_SIGNERS : signers,
    predicateTypes: predicateType === undefined ? undefined : [predicateType],
    required: {
      kinds: kindsOf(required, isNamed, hasFingerprint),
      ...(isRuled && { identities: signers.identities }),
      proof: settings.has('requireProof') ? 'required' : 'optional',
    },
  };
}

/** Each kind whose signer is named has to hold; without any, OpenPGP. */
function kindsOf(required: string | undefined, isNamed: boolean, hasFingerprint: boolean): EvidenceKinds {
  const isAlone = required === 'openpgp' ? isNamed : required === 'identity' && hasFingerprint;
  if (isAlone)
    throw new UsageError(
      `expected no signer of another kind beside --require ${required ?? ''}, found one`,
      'leave it out, or say --require both',
    );
  if (!isNamed && required !== undefined && required !== 'openpgp')
    throw new UsageError(
      `expected a signer of bundles beside --require ${required}, found none`,
      'name one: --certificate-identity with --certificate-oidc-issuer, or --key',
    );
  if (required === 'both' || required === 'any') return required;
  if (!isNamed) return 'openpgp';
  return hasFingerprint ? 'both' : 'bundle';
}

/** A run without such flags: only a policy may name the signers of bundles. */
export const NO_SIGNERS: WantedSigners = { identities: [], keys: [] };
