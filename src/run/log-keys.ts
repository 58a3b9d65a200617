import { excerpt } from '../encoding.ts';
import { RejectedError, UsageError } from '../errors.ts';
import type { BaseUrl } from '../http/base-url.ts';
import { askLogKeys } from '../rekor/log-keys.ts';
import { logKeyMembers } from '../render/trust-text.ts';
import type { LogKey } from '../tlog/log-key.ts';
import type { Answer } from '../cli/answer.ts';
import type { LogKeyOption } from '../settings/option-groups.ts';
import { withConnection } from './connection.ts';
import type { RunContext } from './context.ts';
import type { Settings } from '../settings/settings.ts';

/** The keys that a log gave, and whether the user expected each of them by its fingerprint. */
export interface AskedKeys {
  readonly keys: readonly LogKey[];
  /** False: no fingerprint was given, so there is nothing to compare with. */
  readonly isConfirmed: boolean;
}

/**
 * Asks the log at this address for its keys, and compares them with `--fingerprint`.
 * @throws UsageError on something else than fingerprints, before the log is asked
 * @throws RejectedError if the log's keys are not exactly the expected ones
 * @throws LogError where the log does not give its keys
 */
export async function askForKeys(
  server: BaseUrl,
  settings: Settings<LogKeyOption>,
  context: RunContext,
): Promise<AskedKeys> {
  const expected = settings.all('logFingerprint').map(parseLogId);
  const keys = await withConnection(server, settings, context, ({ connect }) => askLogKeys(connect().client));
  if (expected.length === 0) return { keys, isConfirmed: false };
  const found = keys.map(({ logId }) => logId);
  const isSame =
    found.every((logId) => expected.includes(logId)) && expected.every((hex) => found.includes(hex));
  if (isSame) return { keys, isConfirmed: true };
  throw new RejectedError(
    `the keys of ${server.href} are not the expected ones: expected ${expected.join(' and ')}, found ${found.join(' and ')}`,
    'nothing was pinned; ask the operator of the log',
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
