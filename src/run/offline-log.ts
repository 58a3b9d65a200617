import { UsageError } from '../errors.ts';
import type { LogHistory } from '../history/log-history.ts';
import type { BaseUrl } from '../http/base-url.ts';
import { rekorServerOf } from '../settings/addresses.ts';
import type { LogOption, KeyringOption } from '../settings/option-groups.ts';
import { isUrl } from '../settings/path-value.ts';
import type { Settings } from '../settings/settings.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { RunContext } from './context.ts';
import { openHistory } from './history.ts';
import { requireTrusted, trustSelection } from './trusted-keys.ts';

/** What is known of the log of a run without asking it. */
export interface OfflineLog {
  readonly server: BaseUrl;
  /** The keys known so far. Undefined: none is trusted, so nothing that the log says can be believed. */
  readonly trusted: TrustedLog | undefined;
  /**
   * The keys for an entry of this log ID: if Sigstore's root does not know the ID, it is refreshed first, once, unless
   * the run is offline. Throws LogError `LOG_UNTRUSTED` where no key is trusted.
   */
  readonly trustedFor: (logId: string) => Promise<TrustedLog>;
  /** What this user has seen of the log before. */
  readonly history: LogHistory;
}

/** The result of the work with a log, and what the answer says of the log itself. */
export interface WorkedWith<Result> extends Pick<LogHistory, 'conflicts'> {
  readonly result: Result;
  /** URL of the log. */
  readonly server: string;
  /** The keys that were trusted when the work ended. */
  readonly trusted: TrustedLog | undefined;
}

/**
 * Does the work with the trusted keys and the history of the log that the settings name. It uses no network
 * and looks up no name; for later runs it only remembers what was seen.
 * @throws UsageError on settings that contradict each other, or ask for the network
 * @throws InputError when a file of keys cannot be read
 */
export async function withLogOffline<Result>(
  settings: Settings<LogOption | KeyringOption>,
  context: RunContext,
  work: (log: OfflineLog) => Promise<Result>,
): Promise<WorkedWith<Result>> {
  requireNoNetwork(settings);
  const server = rekorServerOf(settings);
  const trusted = await trustSelection(settings, context)();
  const history = await openHistory(trusted, context);
  const trustedFor = () => Promise.resolve(requireTrusted({ server, trusted }));
  const result = await work({ server, trusted, trustedFor, history }).finally(() => history.remember());
  return { result, server: server.href, trusted, conflicts: history.conflicts };
}

/** @throws UsageError on settings that ask for the network */
export function requireNoNetwork(settings: Settings<LogOption | KeyringOption>): void {
  if (settings.has('firstUse'))
    throw new UsageError(
      'expected --offline or --insecure-trust-on-first-use, found both: the log is not asked for its key',
      'name a file with the keys of the log with --rekor-public-key, or pin them in a run with network',
    );
  if (settings.all('publicKey').some(isUrl))
    throw new UsageError(
      '--public-key names a URL, which is not fetched with --offline',
      'fetch the key first, and give its path',
    );
}
