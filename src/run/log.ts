import { UsageError } from '../errors.ts';
import type { BaseUrl } from '../http/base-url.ts';
import { LeafLookup } from '../log-view/leaf-lookup.ts';
import { askLogKeys } from '../rekor/log-keys.ts';
import { rekorServerOf, tufMirrorOf } from '../settings/addresses.ts';
import type { LogOption } from '../settings/option-groups.ts';
import { Settings } from '../settings/settings.ts';
import { timeLimitOf } from '../settings/time-limit.ts';
import { LogTrust } from '../trust/log-trust.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { withConnection, type Connection } from './connection.ts';
import type { RunContext } from './context.ts';
import { openHistory } from './history.ts';
import type { OfflineLog, WorkedWith } from './offline-log.ts';
import { openRootRefresh } from './root-refresh.ts';
import { requireTrusted, trustSelection } from './trusted-keys.ts';

/** The log of a run: how to talk to it, and which of its keys to believe. */
export interface OpenedLog extends OfflineLog, Pick<Connection, 'connect'> {
  /** Entries by their leaf hashes, for all charts of the run together. */
  readonly leaves: LeafLookup;
}

/**
 * Does the work with the log that the settings name. Its trusted keys come from the settings, a pin or
 * Sigstore's root. Even if the work fails, what the log showed is remembered and its connections are closed.
 * Work for later runs is done after the answer is printed.
 * @throws UsageError on settings that contradict each other
 * @throws InputError when a file of keys cannot be read
 */
export async function withLog<Result>(
  settings: Settings<LogOption>,
  context: RunContext,
  work: (log: OpenedLog) => Promise<Result>,
): Promise<WorkedWith<Result>> {
  const server = rekorServerOf(settings);
  const select = trustSelection(settings, context);
  requireOneTrust(settings);
  const refresh = openRootRefresh(
    // Only the variable counts here: no command that asks a log has the option `--mirror`.
    { repository: tufMirrorOf(new Settings<'tufMirror'>({}, context.env)), timeLimit: timeLimitOf(settings) },
    context,
  );
  return await withConnection(server, settings, context, async (connection) => {
    const selected = settings.has('firstUse') ? await trustOnFirstUse(server, connection) : await select();
    // The keyring and the charts are read while this connects.
    if (selected !== undefined) connection.prepare();
    const trust = new LogTrust(selected, refresh);
    const history = await openHistory(selected, context);
    context.afterwards(() => trust.afterwards());
    const log: OpenedLog = {
      server,
      connect: connection.connect,
      leaves: new LeafLookup(),
      history,
      get trusted() {
        return trust.current;
      },
      trustedFor: async (logId) => requireTrusted({ server, trusted: await trust.forLogId(logId) }),
    };
    const result = await work(log).finally(() => history.remember());
    return { result, server: server.href, trusted: trust.current, conflicts: history.conflicts };
  });
}

function requireOneTrust(settings: Settings<LogOption>): void {
  const files = [settings.given('rekorPublicKey'), settings.given('trustedRoot')];
  if (settings.has('firstUse') && files.some(({ from }) => from === 'flag'))
    throw new UsageError(
      'expected --insecure-trust-on-first-use or a file with the keys of the log, found both',
      'leave out --insecure-trust-on-first-use',
    );
}

async function trustOnFirstUse(server: BaseUrl, { connect }: Connection): Promise<TrustedLog> {
  const keys = await askLogKeys(connect().client);
  const detail = 'the key that the log itself gave, trusted on first use for this run';
  return { url: server.href, keys, source: { kind: 'first-use', detail } };
}
