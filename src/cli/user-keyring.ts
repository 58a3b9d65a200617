import type { KeyringSource } from '../keyring/keyring.ts';
import { openKeyring, type Keyring } from '../keyring/keyring.ts';
import { locateKeyrings } from '../keyring/location.ts';
import type { Context } from './context.ts';
import type { Settings } from './settings.ts';

/**
 * The keyring of a run: what options or variables name, else GnuPG's own.
 * @throws InputError on a file that was named and is missing or holds no keys
 * @throws UsageError on a URL without a fingerprint
 */
export async function openUserKeyring(settings: Settings, context: Context): Promise<Keyring> {
  const { env, home = '', platform } = context;
  const { values, from } = settings.given('keyring');
  const keyrings = from === 'flag' ? values : [];
  const urls = settings.all('publicKey').filter(isUrl);
  const publicKeys = settings.all('publicKey').filter((value) => !isUrl(value));
  // What is given replaces what GnuPG has, also when all of it is elsewhere.
  const isRemote = urls.length > 0 && keyrings.length + publicKeys.length === 0;
  const local = isRemote ? [] : await locateKeyrings({ keyrings, publicKeys, env, home, platform });
  const remote = urls.length > 0 ? await fetchKeys(urls, settings, context) : [];
  return openKeyring([...local, ...remote]);
}

/** Most runs read files alone, and load nothing for the network here. */
async function fetchKeys(
  urls: readonly string[],
  settings: Settings,
  context: Context,
): Promise<KeyringSource[]> {
  const [{ downloadKeys }, { openHttp }, { timeoutsWithin }, { networkBudget }] = await Promise.all([
    import('./key-download.ts'),
    import('./http.ts'),
    import('../http/exchange.ts'),
    import('../http/request.ts'),
  ]);
  const timeouts = timeoutsWithin(settings.timeout);
  const http = await openHttp(context, timeouts, settings.one('caFile'));
  try {
    return await downloadKeys(
      urls,
      settings.fingerprints,
      http,
      networkBudget(timeouts, context.interrupted),
    );
  } finally {
    http.close();
  }
}

function isUrl(text: string): boolean {
  return /^[a-z]+:\/\//i.test(text);
}
