import { excerpt } from '../encoding.ts';
import { LogError, RejectedError, UsageError } from '../errors.ts';
import type { BaseUrl } from '../http/base-url.ts';
import { askLogKeys } from '../rekor/log-keys.ts';
import { RekorV2Error } from '../rekor/other-version.ts';
import { logKeyMembers } from '../render/trust-text.ts';
import type { LogKey } from '../tlog/log-key.ts';
import type { Answer } from '../cli/answer.ts';
import type { LogKeyOption } from '../settings/option-groups.ts';
import { withConnection } from './connection.ts';
import type { RunContext } from './context.ts';
import type { Settings } from '../settings/settings.ts';

/** The keys that a log gave, and whether the user confirmed them by their fingerprints. */
export interface AskedKeys {
  /** Those that were confirmed, that of the tree that grows first; all of them, where no fingerprint was given. */
  readonly keys: readonly LogKey[];
  /** Keys of older trees that were not: they are not to be trusted. */
  readonly others: readonly LogKey[];
  /** False: no fingerprint was given, so there is nothing to compare with. */
  readonly isConfirmed: boolean;
}

/**
 * Asks the log at this address for its keys, and compares them with `--fingerprint`. Of the keys of older trees those may be
 * left out that are not to be trusted, such as a stolen one.
 * @throws UsageError on something else than fingerprints, before the log is asked
 * @throws RejectedError if the log has not all of the expected keys, or its present key is none of them
 * @throws LogError where the log does not give its keys, which a Rekor v2 never does
 */
export async function askForKeys(
  server: BaseUrl,
  settings: Settings<LogKeyOption>,
  context: RunContext,
): Promise<AskedKeys> {
  const expected = settings.all('logFingerprint').map(parseLogId);
  const keys = await withConnection(server, settings, context, ({ connect }) =>
    askLogKeys(connect().client),
  ).catch((error: unknown) => {
    throw error instanceof RekorV2Error ? noPin(server) : error;
  });
  if (expected.length === 0) return { keys, others: [], isConfirmed: false };
  const found = keys.map(({ logId }) => logId);
  const [present = ''] = found;
  if (expected.includes(present) && expected.every((hex) => found.includes(hex))) {
    const confirmed = keys.filter(({ logId }) => expected.includes(logId));
    return { keys: confirmed, others: keys.filter((key) => !confirmed.includes(key)), isConfirmed: true };
  }
  throw new RejectedError(
    `the keys of ${server.href} are not the expected ones: expected ${expected.join(' and ')}, found ${found.join(' and ')}`,
    'nothing was pinned; ask the operator of the log',
  );
}

/** A Rekor v2 does not give its key, and what it has is proven by bundles: as the log that is asked it would be of no use. */
function noPin({ href }: BaseUrl): LogError {
  return new LogError(
    'LOG_REFUSED',
    `${href} is a Rekor v2: it gives no key that could be pinned, and cannot be the log that is asked where none is named`,
    {
      consumer:
        'name the trusted root that has its key, with --trusted-root or the variable SIGSTORE_TRUSTED_ROOT; the bundle beside a chart has all else',
      publisher: 'name it where you publish: --signing-config FILE, or --rekor-version 2 --rekor-server URL',
    },
  );
}

/** The answer that nothing is pinned yet: the fingerprints to compare, and the command that confirms them. */
export function nothingPinned(command: 'pin' | 'use', { href }: BaseUrl, keys: readonly LogKey[]): Answer {
  const options = keys.map(({ logId }) => `--fingerprint ${logId}`).join(' ');
  return {
    status: 2,
    text: [
      'Nothing Pinned Yet: compare each fingerprint with what the operator of the log published',
      `Rekor Server: ${href}`,
      ...fingerprintLines(keys),
    ],
    document: { url: href, keys: logKeyMembers(keys), pinned: false },
    diagnoses: [
      {
        code: 'USAGE',
        message: 'nothing was pinned: --fingerprint is expected, found none',
        hint: `if these are the fingerprints that the operator of the log published: helm sigstore log ${command} ${href} ${options}`,
      },
    ],
  };
}

/** A line for each key, with its fingerprint for people to compare. */
export function fingerprintLines(keys: readonly LogKey[]): string[] {
  return keys.map(({ logId }) => `Fingerprint: ${logId}`);
}

/** A line for each key of a log that was left out. */
export function notTrustedLines(keys: readonly LogKey[]): string[] {
  return keys.map(({ logId }) => `Not Trusted: ${logId}, which signed older entries`);
}

/** The log ID that a fingerprint of `--fingerprint` spells. @throws UsageError on anything else */
export function parseLogId(text: string): string {
  const hex = text.replace(/[\s:]/g, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(hex))
    throw new UsageError(
      `--fingerprint expects the 64 hexadecimal digits of a log ID, found ${excerpt(text)}`,
      'give the fingerprint that the operator of the log published, whole',
    );
  return hex;
}
