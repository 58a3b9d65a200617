import { openKeyring, type Keyring } from '../keyring/keyring.ts';
import { locateKeyrings } from '../keyring/location.ts';
import type { Context } from './context.ts';
import type { Settings } from './settings.ts';

/**
 * The keyring of a run: the files that options or variables name, else GnuPG's own.
 * @throws InputError on a file that was named and is missing or holds no keys
 */
export async function openUserKeyring(
  settings: Settings,
  { env, home, platform }: Context,
): Promise<Keyring> {
  const { values, from } = settings.given('keyring');
  const keyrings = from === 'flag' ? values : [];
  const publicKeys = settings.all('publicKey');
  return openKeyring(await locateKeyrings({ keyrings, publicKeys, env, home: home ?? '', platform }));
}
