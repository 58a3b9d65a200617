import type { Answer } from '../cli/answer.ts';
import { KeptJson } from '../cli/kept-json.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { fingerprintsOf } from '../settings/fingerprints.ts';
import {
  KEYRING_OPTIONS,
  SIGNER_OPTIONS,
  type KeyringOption,
  type SignerOption,
} from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import { listKeys } from '../keyring/listing.ts';
import { certificateMembers, certificateText, placesText } from '../render/keys-text.ts';

export const keys = defineCommand({
  description:
    'Lists the OpenPGP keys whose signatures count, where each was found, and what its valid self-signatures say ' +
    'of it: in the files and folders given, or else where GnuPG and "keys add" keep them.',
  examples: ['keys', 'keys --keyring publisher.asc --output json'],
  options: [...KEYRING_OPTIONS, ...SIGNER_OPTIONS, 'output'],
  run: listKeyring,
});

async function listKeyring(
  _: readonly string[],
  settings: Settings<KeyringOption | SignerOption | 'output'>,
  context: RunContext,
): Promise<Answer> {
  const wanted = fingerprintsOf(settings);
  const keyring = await openUserKeyring(settings, context);
  const { places } = keyring;
  const marks = { allowWeak: settings.has('allowWeak'), now: context.now() };
  const certificates = listKeys(keyring.listed(), wanted);
  context.saveMemory();
  // Each key is kept only in its printed form: there may be ten thousand.
  const form = settings.one('output');
  if (form === 'text') {
    const text = placesText(places, marks);
    for await (const each of certificates) text.push(...certificateText(each, marks));
    return { status: 0, text, document: {} };
  }
  const kept = new KeptJson();
  for await (const each of certificates) kept.add(certificateMembers(each, marks));
  return { status: 0, text: [], document: { places, keys: kept.length > 0 ? kept : [] } };
}
