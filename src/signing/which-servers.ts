import { MalformedError } from '../errors.ts';
import { parseSigningConfig, type SigningConfig } from '../services/signing-config.ts';
import type { RunContext } from '../run/context.ts';
import { refreshedRootDirectory } from '../run/refreshed-root-directory.ts';
import { loadSigstoreRoot } from '../trust/sigstore-root.ts';

/**
 * The signing config that `trust update`, or another refresh of Sigstore's trusted root, brought with it; undefined: there is
 * none, or it cannot be read, which is said: then the one counts that comes with this version. No network is needed.
 */
export async function refreshedSigningConfig(context: RunContext): Promise<SigningConfig | undefined> {
  const { signingConfig } = await loadSigstoreRoot(refreshedRootDirectory(context));
  if (signingConfig === undefined) return undefined;
  try {
    return parseSigningConfig(Buffer.from(JSON.stringify(signingConfig)));
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    context.stderr.warn(
      `the signing config that was refreshed cannot be read: ${error.message}; that of this version is used`,
    );
    return undefined;
  }
}
