import { LogError } from '../errors.ts';
import type { BaseUrl } from '../http/base-url.ts';
import { rekorServerOf } from '../settings/addresses.ts';
import type { TrustOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { warningsAbout } from '../trust/sigstore-root.ts';
import { selectTrustedLog } from '../trust/trusted-log-files.ts';
import { chooseTrust, type TrustedLog } from '../trust/trusted-log.ts';
import type { Context } from './context.ts';
import { pinsDirectory } from './directories.ts';
import { refreshedRootDirectory } from './refreshed-root-directory.ts';

/**
 * A function that finds the trusted keys of the log that the settings name, without asking the log.
 * @throws UsageError, at once, on settings that contradict each other
 */
export function trustSelection(
  settings: Settings<TrustOption>,
  context: Context,
): () => Promise<TrustedLog | undefined> {
  const { href } = rekorServerOf(settings);
  const choice = chooseTrust(settings.given('rekorPublicKey'), settings.given('trustedRoot'));
  return async () => {
    const { stderr, now } = context;
    const trusted = await selectTrustedLog(
      href,
      choice,
      pinsDirectory(context),
      refreshedRootDirectory(context),
      context.interrupted,
    );
    const copy = trusted?.source.root;
    for (const warning of copy ? warningsAbout(copy, now()) : []) stderr.warn(warning);
    return trusted;
  };
}

/** A log, and its trusted keys as far as they are known. */
interface MaybeTrusted {
  readonly server: BaseUrl;
  readonly trusted: TrustedLog | undefined;
}

/** The trusted keys of the log. @throws LogError `LOG_UNTRUSTED` when there are none */
export function requireTrusted({ server, trusted }: MaybeTrusted): TrustedLog {
  if (trusted !== undefined) return trusted;
  throw untrusted(server.href);
}

/** The error for a log, at this URL, of which no key is trusted. */
export function untrusted(server: string): LogError {
  return new LogError(
    'LOG_UNTRUSTED',
    `no key of the log ${server} is trusted, so its answers prove nothing`,
    `helm sigstore log pin ${server} shows its keys: pin them if its operator published these, or name a file with them: --rekor-public-key, or publicKeys in a policy`,
  );
}
