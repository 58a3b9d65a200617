import { LogError, UsageError } from '../errors.ts';
import type { BaseUrl } from '../http/base-url.ts';
import { timeoutsWithin } from '../http/exchange.ts';
import { HttpClient, networkBudget } from '../http/request.ts';
import { RekorClient } from '../rekor/client.ts';
import { askLogKeys } from '../rekor/log-keys.ts';
import { selectTrustedLog } from '../trust/trusted-log-files.ts';
import { chooseTrust, type TrustedLog } from '../trust/trusted-log.ts';
import type { Context } from './context.ts';
import { pinsDirectory } from './directories.ts';
import type { Settings } from './settings.ts';

/** The log of a run: how to talk to it, and which of its keys to believe. */
export interface OpenedLog {
  readonly server: BaseUrl;
  /** Undefined: no key of this log is trusted, so nothing that it says can be believed. */
  readonly trusted: TrustedLog | undefined;
  /** A client whose requests together may take five times as long as one; connections are shared. */
  readonly connect: () => RekorClient;
  readonly close: () => void;
}

/**
 * The log that the settings name, with the keys that they, or a pin, or the built-in root make trusted.
 * @throws UsageError on settings that contradict each other
 * @throws InputError when a file of keys cannot be read
 */
export async function openLog(settings: Settings, context: Context): Promise<OpenedLog> {
  const server = settings.rekorServer;
  const given = [settings.given('rekorPublicKey'), settings.given('trustedRoot')] as const;
  const choice = chooseTrust(...given);
  if (settings.has('firstUse') && given.some(({ from }) => from === 'flag'))
    throw new UsageError(
      'expected --insecure-trust-on-first-use or a file with the keys of the log, found both',
      'leave out --insecure-trust-on-first-use',
    );
  const connection = openConnection(server, settings, context);
  try {
    const trusted = settings.has('firstUse')
      ? await trustOnFirstUse(server, connection)
      : await selectTrustedLog(server.href, choice, pinsDirectory(context));
    return { ...connection, server, trusted };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A way to talk to the log at this address, without any trust in it. */
export function openConnection(
  server: BaseUrl,
  settings: Settings,
  { env, random, version, stderr, interrupted }: Context,
): Pick<OpenedLog, 'connect' | 'close'> {
  const timeouts = timeoutsWithin(settings.timeout);
  const http = new HttpClient({ userAgent: `helm-sigstore/${version}`, timeouts, random, env });
  if (server.warning !== undefined) stderr.write(`Warning: ${server.warning}\n`);
  return {
    connect: () => new RekorClient(http, server, networkBudget(timeouts, interrupted)),
    close: () => {
      http.close();
    },
  };
}

/** The trusted keys of the log. @throws LogError `LOG_UNTRUSTED` when there are none */
export function requireTrusted({ server, trusted }: OpenedLog): TrustedLog {
  if (trusted !== undefined) return trusted;
  throw new LogError(
    'LOG_UNTRUSTED',
    `no key of the log ${server.href} is trusted, so its answers prove nothing`,
    `compare its key with its operator's and run helm sigstore log pin ${server.href}, or give --rekor-public-key`,
  );
}

async function trustOnFirstUse(
  server: BaseUrl,
  { connect }: Pick<OpenedLog, 'connect'>,
): Promise<TrustedLog> {
  const keys = await askLogKeys(connect());
  const detail = 'the key that the log itself gave, trusted on first use for this run';
  return { url: server.href, keys, source: { kind: 'first-use', detail } };
}
