import type { Settings } from '../settings/settings.ts';
import { loadSigstoreTrust, readSigstoreTrust, type NamedTrust } from '../trust/sigstore-trust-files.ts';
import type { Context, RunContext } from './context.ts';
import { refreshedRootDirectory } from './refreshed-root-directory.ts';

/**
 * What vouches for the identities of signers: the trusted root that a policy or else the settings name, else Sigstore's own.
 * No network is needed.
 * @throws InputError if a file that was named cannot be read, or is something else
 */
export async function sigstoreTrustOf(
  settings: Settings<'trustedRoot'>,
  context: Context & Pick<RunContext, 'policy'>,
): Promise<NamedTrust> {
  const trust = await findSigstoreTrust(settings, context);
  for (const warning of trust.warnings) context.stderr.warn(warning);
  return trust;
}

/** The same, for one who has warned of its age already. */
export async function findSigstoreTrust(
  settings: Settings<'trustedRoot'>,
  context: Context & Pick<RunContext, 'policy'>,
): Promise<NamedTrust> {
  const named = context.policy === undefined ? settings.one('trustedRoot') : context.policy.trustedRoot;
  return named === undefined || named === 'sigstore'
    ? await loadSigstoreTrust(refreshedRootDirectory(context), context.now())
    : await readSigstoreTrust(named, context.interrupted);
}
