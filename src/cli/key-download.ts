import { excerpt } from '../encoding.ts';
import { InputError, SigstoreError, UsageError } from '../errors.ts';
import { describeUrl, type HttpClient } from '../http/request.ts';
import { openKeyring, type KeyringSource } from '../keyring/keyring.ts';

/**
 * Fetches files of keys. Whoever has the server, or has broken into it, chooses the key; so it counts only together
 * with a fingerprint that the user has from elsewhere.
 * @param fingerprints those that the user accepts
 * @param signal ends the requests
 * @throws UsageError on a URL that is not https or has credentials, and, naming the fingerprints found, when the user gave none
 * @throws LogError, SigstoreError `UNCHECKED` when the server does not give the key
 * @throws InputError when what it gives holds no keys
 */
export async function downloadKeys(
  urls: readonly string[],
  fingerprints: readonly string[],
  http: HttpClient,
  signal: AbortSignal,
): Promise<KeyringSource[]> {
  const addresses = urls.map(parseKeyUrl);
  const sources = await Promise.all(addresses.map((url) => download(url, http, signal)));
  if (fingerprints.length === 0) for (const source of sources) throw fingerprintNeeded(source);
  return sources;
}

/** Files with the keys of whole projects have some megabytes. */
const KEY_LIMIT = 8 << 20;

function parseKeyUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:')
    throw new UsageError(
      `a key is fetched from an https URL only, found ${excerpt(text.replace(/\/\/.*@/, '//').replace(/[?#].*$/s, ''))}`,
    );
  if (url.username !== '' || url.password !== '')
    throw new UsageError(
      `expected a URL of a key without credentials, found some before the host ${url.host}`,
    );
  return url;
}

async function download(url: URL, http: HttpClient, signal: AbortSignal): Promise<KeyringSource> {
  const place = describeUrl(url);
  const { status, body } = await http.request({ method: 'GET', url, maxBytes: KEY_LIMIT, signal });
  if (status !== 200)
    throw new SigstoreError('UNCHECKED', `expected a key at ${place}, found the status ${status}`);
  if (body.length === 0) throw new InputError(`expected a key at ${place}, found nothing`);
  return { place, bytes: body };
}

function fingerprintNeeded(source: KeyringSource): UsageError {
  const found = openKeyring([source])
    .all()
    .map(({ certificate: { primary, userIds } }) => {
      const [userId] = userIds;
      return `${primary.fingerprint.toUpperCase()}${userId === undefined ? '' : ` (${excerpt(userId.text)})`}`;
    });
  const shown = found.slice(0, 10).join(', ');
  const more = found.length > 10 ? ` and ${found.length - 10} more` : '';
  return new UsageError(
    `a key from ${source.place} counts only with --fingerprint, which is missing; found there: ${shown || 'no key'}${more}`,
    'compare the fingerprint with what the publisher says elsewhere, and add it with --fingerprint',
  );
}
