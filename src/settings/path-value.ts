import { UsageError } from '../errors.ts';

/** Whether a word is a URL. A single letter before the colon is a drive of Windows. */
export function isUrl(word: string): boolean {
  return word.includes(':') && /^\s*(?:[a-z][a-z0-9+.-]+:[/\\]{2}|(?:https?|ftp|oci):)/i.test(word);
}

/**
 * What was given where a path belongs.
 * @param setting the option or the variable, for the message
 * @throws UsageError on a URL, of which the message shows nothing: it may hold credentials
 */
export function requirePath(word: string, setting: string): string {
  if (!isUrl(word)) return word;
  if (setting === '--as')
    throw new UsageError(
      'expected --as to be the name of a file, found a URL',
      'give the name that was signed: NAME-VERSION.tgz',
    );
  const isKeyring = ['--keyring', '--public-key', 'KEYRING'].includes(setting);
  throw new UsageError(
    `expected ${setting} to be a path, found a URL`,
    isKeyring
      ? 'helm sigstore keys add https://… --fingerprint HEX fetches and keeps a key; for one run --public-key https://… does it'
      : 'fetch the file first, and give its path',
  );
}

/** The error for a URL in place of a chart, of a command that takes files alone. */
export function chartIsUrl(): UsageError {
  return new UsageError(
    'expected a chart to be a file, a folder or an index.yaml, found a URL',
    'fetch the chart with its provenance first, with helm pull --prov',
  );
}
