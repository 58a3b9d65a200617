import { openKeyring, type Keyring } from '../keyring/keyring.ts';
import { locateKeyrings } from '../keyring/location.ts';
import type { KeyringSource } from '../keyring/source.ts';
import { fingerprintsOf } from '../settings/fingerprints.ts';
import type { KeyringOption } from '../settings/option-groups.ts';
import { isUrl, requirePath } from '../settings/path-value.ts';
import type { Settings } from '../settings/settings.ts';
import type { Context } from './context.ts';
import { addedKeysDirectory } from './directories.ts';

/**
 * The keyring of a run: what options or variables name, else GnuPG's own and what `keys add` keeps.
 * @param isOffline whether no program is started that may connect to something
 * @throws InputError on a file that was named and is missing or holds no keys
 * @throws UsageError on a URL without a fingerprint
 */
export async function openUserKeyring(
  settings: Settings<KeyringOption>,
  context: Context,
  isOffline = false,
): Promise<Keyring> {
  return openKeyring(await userKeys(settings, context, isOffline));
}

/**
 * The keys of a run, before they are looked at.
 * @throws InputError or UsageError as {@link openUserKeyring} does
 */
export async function userKeys(
  settings: Settings<KeyringOption>,
  context: Context,
  isOffline = false,
): Promise<KeyringSource[]> {
  const { env, home = '', platform, interrupted } = context;
  const given = settings.all('publicKey');
  const urls = given.filter(isUrl);
  const publicKeys = given.filter((value) => !isUrl(value));
  // `--public-key` replaces the variable and the default places, also when it names only URLs.
  const keyrings = given.length > 0 ? settings.givenByFlag('keyring') : settings.all('keyring');
  const isRemote = urls.length > 0 && keyrings.length + publicKeys.length === 0;
  if (keyrings.length + given.length === 0) requirePath(env['GNUPGHOME'] ?? '', 'GNUPGHOME');
  const addedKeys = addedKeysDirectory(context);
  const local = isRemote
    ? []
    : await locateKeyrings({ keyrings, publicKeys, addedKeys, env, home, platform, interrupted, isOffline });
  const remote = urls.length > 0 ? await fetchKeys(urls, settings, context) : [];
  return [...local, ...remote];
}

/** Loads the HTTP client only for a URL: most runs read files alone. */
async function fetchKeys(
  urls: readonly string[],
  settings: Settings<KeyringOption>,
  context: Context,
): Promise<KeyringSource[]> {
  const { downloadKeys } = await import('./key-download.ts');
  return await downloadKeys(urls, fingerprintsOf(settings), settings, context);
}
