import type { Answer } from '../cli/answer.ts';
import { RejectedError } from '../errors.ts';
import { additionsOf, certificatesIn } from '../keyring/addition.ts';
import { KeyStore } from '../keyring/key-store.ts';
import { heldSecrets, type KeyringSource } from '../keyring/source.ts';
import { addedMembers, addedText, warningsOf, type AddedKey } from '../render/key-addition-text.ts';
import { certificateMembers, certificateText } from '../render/keys-text.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { requireAddedKeysDirectory } from '../run/directories.ts';
import { readKeySource } from '../run/key-source.ts';
import { fingerprintsOf } from '../settings/fingerprints.ts';
import { KEY_SOURCE_OPTIONS, type KeySourceOption } from '../settings/option-groups.ts';
import { isUrl } from '../settings/path-value.ts';
import type { Settings } from '../settings/settings.ts';

export const keysAdd = defineCommand({
  arguments: '<key>',
  description:
    "Keeps a publisher's OpenPGP key, so that signatures by it count from now on, wherever --keyring, --public-key " +
    'and KEYRING name no others. The key is an https URL, a file, or "-" for standard input. Of all keys there, only ' +
    'those that --fingerprint names are kept. Without --fingerprint it shows what was found and keeps nothing: compare ' +
    'that with the fingerprint that the publisher gave you by another way. Adding a key again brings it up to date; ' +
    'a revocation that was known stays known.',
  examples: [
    'keys add https://charts.example.com/publisher.asc',
    'keys add publisher.asc --fingerprint F1225FFFEF327BE2C6E6C3C5C010E9C64672197F',
  ],
  options: [...KEY_SOURCE_OPTIONS, 'output'],
  run: addKeys,
});

async function addKeys(
  [word = '']: readonly string[],
  settings: Settings<KeySourceOption>,
  context: RunContext,
): Promise<Answer> {
  const fingerprints = [...new Set(fingerprintsOf(settings))];
  const source = await readKeySource(word, settings, context);
  if (fingerprints.length === 0) return await nothingAdded(source, context.now());
  const store = new KeyStore(requireAddedKeysDirectory(context));
  const additions = await additionsOf(fingerprints, source, await store.sourcesOf(fingerprints));
  if (heldSecrets(source)) requireOwnFile(word, source);
  const added: AddedKey[] = [];
  for (const addition of additions)
    added.push({ addition, path: await store.put(addition.fingerprint, addition.packets) });
  const now = context.now();
  if (heldSecrets(source))
    context.stderr.warn(`${source.place} holds secret keys, of which only the public part was kept`);
  for (const { addition } of added)
    for (const warning of warningsOf(addition, source.place, now)) context.stderr.warn(warning);
  return {
    status: 0,
    text: added.flatMap((each, index) => [...(index > 0 ? [''] : []), ...addedText(each, now)]),
    document: { source: source.place, added: true, keys: added.map((each) => addedMembers(each, now)) },
  };
}

/** The answer that nothing is added yet: what was found, to be compared. */
async function nothingAdded(source: KeyringSource, now: number): Promise<Answer> {
  const certificates = await certificatesIn([source]);
  const marks = { allowWeak: false, now };
  const shown = certificates.slice(0, MOST_SHOWN);
  const notShown = certificates.length - shown.length;
  return {
    status: 2,
    text: [
      'Nothing Added Yet: compare the fingerprint with the one that the publisher gave you by another way',
      ...shown.flatMap((each) => certificateText(each, marks)),
      ...(notShown > 0 ? ['', `And ${notShown} more keys`] : []),
    ],
    document: {
      source: source.place,
      added: false,
      keys: shown.map((each) => certificateMembers(each, marks)),
      ...(notShown > 0 && { keysNotShown: notShown }),
    },
    diagnoses: [
      {
        code: 'USAGE',
        message: 'nothing was added: --fingerprint is expected, found none',
        hint: 'if the publisher says, by another way than this file, that one of these fingerprints is theirs, give it with --fingerprint',
      },
    ],
  };
}

const MOST_SHOWN = 10;

/** @throws RejectedError on a secret key that others can fetch as well */
function requireOwnFile(word: string, { place }: KeyringSource): void {
  if (!isUrl(word)) return;
  throw new RejectedError(
    `expected a public key at ${place}, found a secret one: whoever fetches it can sign in its owner's name`,
    'nothing was added; tell its owner',
  );
}
