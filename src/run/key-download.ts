import { excerpt } from '../encoding.ts';
import { InputError, SigstoreError, UsageError } from '../errors.ts';
import { Deadline, limitsOf } from '../http/deadline.ts';
import { describeUrl, type HttpClient } from '../http/request.ts';
import { openKeyring } from '../keyring/keyring.ts';
import type { KeyringSource } from '../keyring/source.ts';
import type { NetworkOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { timeLimitOf } from '../settings/time-limit.ts';
import type { Context } from './context.ts';
import { openHttp } from './http.ts';

/**
 * Fetches files of keys. Whoever controls the server chooses the key, so it counts only with a fingerprint
 * that the user has from elsewhere.
 * @param fingerprints those that the user accepts
 * @throws UsageError on a URL that is not https or has credentials, and without a fingerprint: then it names
 * those found
 * @throws LogError, SigstoreError `UNCHECKED` when the server does not give the key
 * @throws InputError when what it gives holds no keys
 */
export async function downloadKeys(
  urls: readonly string[],
  fingerprints: readonly string[],
  settings: Settings<NetworkOption>,
  context: Context,
): Promise<KeyringSource[]> {
  const sources = await downloadFiles(urls, settings, context);
  if (fingerprints.length === 0) for (const source of sources) throw fingerprintNeeded(source);
  return sources;
}

/**
 * Fetches files of keys for which nobody vouches yet.
 * @throws UsageError, LogError, SigstoreError, InputError as {@link downloadKeys} does, but for fingerprints
 */
export async function downloadFiles(
  urls: readonly string[],
  settings: Settings<NetworkOption>,
  context: Context,
): Promise<KeyringSource[]> {
  const addresses = urls.map(parseKeyUrl);
  const deadline = new Deadline(limitsOf(timeLimitOf(settings)), context.interrupted);
  const http = await openHttp(context, settings.one('caFile'));
  try {
    return await Promise.all(addresses.map((url) => download(url, http, deadline)));
  } finally {
    http.close();
  }
}

/** Files with the keys of whole projects have some megabytes. */
const KEY_LIMIT = 8 << 20;

function parseKeyUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:')
    throw new UsageError(
      `a key is fetched from an https URL only, found ${excerpt(text.replace(/^.*@/s, '').replace(/[?#].*$/s, ''))}`,
      'download the file in another way, and name the file',
    );
  if (url.username !== '' || url.password !== '')
    throw new UsageError(
      `expected a URL of a key without credentials, found some before the host ${url.host}`,
    );
  return url;
}

async function download(url: URL, http: HttpClient, deadline: Deadline): Promise<KeyringSource> {
  const place = describeUrl(url);
  const { status, body } = await http.request({ method: 'GET', url, maxBytes: KEY_LIMIT, deadline });
  if (status !== 200)
    throw new SigstoreError('UNCHECKED', `expected a key at ${place}, found the status ${status}`);
  if (body.length === 0) throw new InputError(`expected a key at ${place}, found nothing`);
  return { place, bytes: body };
}

function fingerprintNeeded(source: KeyringSource): UsageError {
  const found = Array.from(openKeyring([source]).all(), ({ certificate: { primary, userIds } }) => {
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
