import { LogError, UsageError } from '../errors.ts';
import { endpoint, type BaseUrl } from '../http/base-url.ts';
import { timeoutsWithin } from '../http/exchange.ts';
import { networkBudget } from '../http/request.ts';
import type { LogHistory } from '../history/log-history.ts';
import { RekorClient } from '../rekor/client.ts';
import { LeafLookup } from '../rekor/leaf-lookup.ts';
import { askLogKeys } from '../rekor/log-keys.ts';
import { LogTrust } from '../trust/log-trust.ts';
import { warningsAbout } from '../trust/sigstore-root.ts';
import { selectTrustedLog } from '../trust/trusted-log-files.ts';
import { chooseTrust, type TrustedLog } from '../trust/trusted-log.ts';
import type { Context } from './context.ts';
import { pinsDirectory } from './directories.ts';
import { openHistory } from './history.ts';
import { openHttp } from './http.ts';
import { openRootRefresh, refreshedRootDirectory } from './root-refresh.ts';
import type { Settings } from './settings.ts';

/** The log of a run: how to talk to it, and which of its keys to believe. */
export interface OpenedLog extends Connection {
  readonly server: BaseUrl;
  /** The keys as they are known by now. Undefined: none is trusted, so nothing that the log says can be believed. */
  readonly trusted: TrustedLog | undefined;
  /**
   * The keys for an entry of this log ID: if Sigstore's root does not know the ID, it is refreshed first, once.
   * Throws LogError `LOG_UNTRUSTED` where no key is trusted.
   */
  readonly trustedFor: (logId: string) => Promise<TrustedLog>;
  /** Entries by their leaf hashes, for all charts of the run together. */
  readonly leaves: LeafLookup;
  /** What this user has seen of the log before. */
  readonly history: LogHistory;
  /** What is left to do for later runs, when this one has given its answer. */
  readonly afterwards: () => Promise<void>;
}

/** A way to talk to a log. */
export interface Connection {
  /** A client whose requests together may take five times as long as one; connections are shared. */
  readonly connect: () => RekorClient;
  /** Begins a connection, for a request to come. */
  readonly prepare: () => void;
  readonly close: () => void;
}

/**
 * The log that the settings name, with the keys that they, or a pin, or Sigstore's root make trusted.
 * @throws UsageError on settings that contradict each other
 * @throws InputError when a file of keys cannot be read
 */
export async function openLog(settings: Settings, context: Context): Promise<OpenedLog> {
  const server = settings.rekorServer;
  const select = trustSelection(settings, context);
  const refresh = openRootRefresh(settings, context, undefined);
  const connection = await openConnection(server, settings, context);
  try {
    const selected = settings.has('firstUse') ? await trustOnFirstUse(server, connection) : await select();
    // While this is under way, keyring and charts are read.
    if (selected !== undefined) connection.prepare();
    const trust = new LogTrust(selected, refresh);
    return {
      ...connection,
      server,
      leaves: new LeafLookup(),
      history: await openHistory(selected, context),
      get trusted() {
        return trust.current;
      },
      trustedFor: async (logId) => requireTrusted({ server, trusted: await trust.forLogId(logId) }),
      afterwards: () => trust.afterwards(),
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * How to come by the trusted keys of the log that the settings name, without a word of the log itself.
 * @throws UsageError, at once, on settings that contradict each other
 */
export function trustSelection(settings: Settings, context: Context): () => Promise<TrustedLog | undefined> {
  const { href } = settings.rekorServer;
  const given = [settings.given('rekorPublicKey'), settings.given('trustedRoot')] as const;
  const choice = chooseTrust(...given);
  if (settings.has('firstUse') && given.some(({ from }) => from === 'flag'))
    throw new UsageError(
      'expected --insecure-trust-on-first-use or a file with the keys of the log, found both',
      'leave out --insecure-trust-on-first-use',
    );
  return async () => {
    const { stderr, now } = context;
    const trusted = await selectTrustedLog(
      href,
      choice,
      pinsDirectory(context),
      refreshedRootDirectory(context),
    );
    const copy = trusted?.source.root;
    for (const warning of copy ? warningsAbout(copy, now()) : []) stderr.write(`Warning: ${warning}\n`);
    return trusted;
  };
}

/** A way to talk to the log at this address, without any trust in it. @throws InputError on a bad file of authorities */
export async function openConnection(
  server: BaseUrl,
  settings: Settings,
  context: Context,
): Promise<Connection> {
  const timeouts = timeoutsWithin(settings.timeout);
  const http = await openHttp(context, timeouts, settings.one('caFile'), context.begun);
  if (server.warning !== undefined) context.stderr.write(`Warning: ${server.warning}\n`);
  return {
    connect: () => new RekorClient(http, server, networkBudget(timeouts, context.interrupted)),
    prepare: () => {
      http.prepare(endpoint(server, '/'));
    },
    close: () => {
      http.close();
    },
  };
}

/** The trusted keys of the log. @throws LogError `LOG_UNTRUSTED` when there are none */
export function requireTrusted({ server, trusted }: Pick<OpenedLog, 'server' | 'trusted'>): TrustedLog {
  if (trusted !== undefined) return trusted;
  throw untrusted(server.href);
}

/** The error that no key of the log at this URL is trusted. */
export function untrusted(server: string): LogError {
  return new LogError(
    'LOG_UNTRUSTED',
    `no key of the log ${server} is trusted, so its answers prove nothing`,
    `compare its key with its operator's and run helm sigstore log pin ${server}, or give --rekor-public-key`,
  );
}

async function trustOnFirstUse(server: BaseUrl, { connect }: Connection): Promise<TrustedLog> {
  const keys = await askLogKeys(connect());
  const detail = 'the key that the log itself gave, trusted on first use for this run';
  return { url: server.href, keys, source: { kind: 'first-use', detail } };
}
