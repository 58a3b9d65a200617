import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import type { Settings } from './settings.ts';

/**
 * The primary fingerprints that `--fingerprint` accepts, in lower case without blanks; empty: any.
 * @throws UsageError on anything else, also on a short key ID: anybody can make a key that has the same one
 */
export function fingerprintsOf(settings: Settings<'fingerprint'>): readonly string[] {
  return settings.all('fingerprint').map((text) => parseFingerprint(text, '--fingerprint'));
}

/**
 * A primary fingerprint, in lower case without blanks.
 * @param setting where it was given, for the message
 * @throws UsageError as {@link fingerprintsOf} does
 */
export function parseFingerprint(text: string, setting: string): string {
  const hex = text.replace(/\s|^0x/g, '').toLowerCase();
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(hex)) return hex;
  if (/^(?:[0-9a-f]{8}|[0-9a-f]{16})$/.test(hex))
    throw new UsageError(
      `${setting} expects a full fingerprint of 40 or 64 hexadecimal digits, found the key ID ${hex}`,
      'a key ID can be forged; helm sigstore keys, or gpg --list-keys --fingerprint, shows the whole fingerprint',
    );
  throw new UsageError(`${setting} expects 40 or 64 hexadecimal digits, found ${excerpt(text)}`);
}
