import { UsageError } from '../errors.ts';
import { hostOf, type TrustedLogKey } from '../trust/sigstore-trust.ts';

/**
 * Requires, before anything is sent, that the trusted root names a log on this server: an entry is public for ever, also one
 * that its publisher could not verify.
 * @param url of the log
 * @throws UsageError if the trusted root names none there
 */
export function requireTrustedLogAt(url: string, trustedKeys: readonly TrustedLogKey[]): void {
  const host = hostOf(url);
  if (trustedKeys.some((key) => key.origin === host || hostOf(key.url) === host)) return;
  throw new UsageError(
    `expected a trusted root that names the log ${url}, found none: nothing was sent`,
    'name the trusted root of these servers with --trusted-root',
  );
}
