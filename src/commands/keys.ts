import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import type { Settings } from '../cli/settings.ts';
import { openUserKeyring } from '../cli/user-keyring.ts';
import { listKeyring } from '../keyring/listing.ts';
import { keysMembers, keysText } from '../render/keys-text.ts';

export const keys: CommandDefinition = {
  description:
    'Lists the OpenPGP keys whose signatures count, where each was found, and what its valid self-signatures say\n' +
    'of it: in the files and folders given, or else where GnuPG keeps them.',
  examples: ['keys', 'keys --keyring publisher.asc --output json'],
  options: ['keyring', 'publicKey', 'fingerprint', 'allowWeak', 'caFile', 'timeout', 'output'],
  run: listKeys,
};

async function listKeys(_: readonly string[], settings: Settings, context: Context): Promise<Answer> {
  const wanted = settings.fingerprints;
  const keyring = await openUserKeyring(settings, context);
  const certificates = await listKeyring(keyring);
  const list = {
    places: keyring.places,
    certificates: certificates.filter(
      ({ fingerprint }) => wanted.length === 0 || wanted.includes(fingerprint),
    ),
    allowWeak: settings.has('allowWeak'),
  };
  return { status: 0, text: keysText(list), document: keysMembers(list) };
}
