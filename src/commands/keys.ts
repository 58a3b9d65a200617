import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import type { Settings } from '../cli/settings.ts';
import { openUserKeyring } from '../cli/user-keyring.ts';
import { listKeys } from '../keyring/listing.ts';
import { keysMembers, keysText } from '../render/keys-text.ts';

export const keys: CommandDefinition = {
  description:
    'Lists the OpenPGP keys whose signatures count, where each was found, and what its valid self-signatures say\n' +
    'of it: in the files and folders given, or else where GnuPG keeps them.',
  examples: ['keys', 'keys --keyring publisher.asc --output json'],
  options: ['keyring', 'publicKey', 'fingerprint', 'allowWeak', 'caFile', 'timeout', 'output'],
  run: listKeyring,
};

async function listKeyring(_: readonly string[], settings: Settings, context: Context): Promise<Answer> {
  const wanted = settings.fingerprints;
  const keyring = await openUserKeyring(settings, context);
  const known = keyring
    .all()
    .filter(({ certificate: { primary } }) => wanted.length === 0 || wanted.includes(primary.fingerprint));
  const list = {
    places: keyring.places,
    certificates: await listKeys(known),
    allowWeak: settings.has('allowWeak'),
  };
  return { status: 0, text: keysText(list), document: keysMembers(list) };
}
