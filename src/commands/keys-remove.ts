import type { Answer } from '../cli/answer.ts';
import { InputError, SigstoreError, UsageError } from '../errors.ts';
import { certificatesIn } from '../keyring/addition.ts';
import { KeyStore } from '../keyring/key-store.ts';
import { listKeys } from '../keyring/listing.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { requireAddedKeysDirectory } from '../run/directories.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import { parseFingerprint } from '../settings/fingerprints.ts';
import { Settings } from '../settings/settings.ts';

export const keysRemove = defineCommand({
  arguments: '<fingerprint>',
  description:
    'Removes a key that "keys add" keeps, with what is known of its revocation. Copies of the key in other places, ' +
    'such as the keyring of GnuPG, are left alone, and go on to count.',
  examples: ['keys remove F1225FFFEF327BE2C6E6C3C5C010E9C64672197F'],
  options: ['output'],
  run: removeKey,
});

async function removeKey([word = '']: readonly string[], _: unknown, context: RunContext): Promise<Answer> {
  const fingerprint = parseFingerprint(word, 'keys remove');
  const store = new KeyStore(requireAddedKeysDirectory(context));
  const wasRevoked = await isRevoked(fingerprint, store);
  const wasThere = await store.remove(fingerprint);
  const shown = fingerprint.toUpperCase();
  if (!wasThere)
    throw new UsageError(
      `keys add keeps no key ${shown}`,
      'helm sigstore keys lists the keys that there are, and where each was found',
    );
  if (wasRevoked)
    context.stderr.warn(
      `the key ${shown} was revoked: copies in other places that lack the revocation count from now on`,
    );
  const place = await otherPlaceOf(fingerprint, context);
  if (place !== undefined)
    context.stderr.warn(`the signatures of ${shown} go on to count: the key is in ${place} as well`);
  return { status: 0, text: [`Removed Key: ${shown}`], document: { fingerprint, removed: true } };
}

/** Where else the key is, for runs that name no keyring. What cannot be read there is no matter of the removal. */
async function otherPlaceOf(fingerprint: string, context: RunContext): Promise<string | undefined> {
  try {
    const keyring = await openUserKeyring(new Settings({}, context.env), context, true);
    for await (const { place } of listKeys(keyring.all(), [fingerprint])) return place;
  } catch (error) {
    if (!(error instanceof SigstoreError)) throw error;
  }
  return undefined;
}

/** Whether what is kept says so; damaged files say nothing. */
async function isRevoked(fingerprint: string, store: KeyStore): Promise<boolean> {
  try {
    const certificates = await certificatesIn(await store.sourcesOf([fingerprint]));
    // One that cannot be used is kept for its revocations.
    return certificates.some(({ revocations, problem }) => revocations.length > 0 || problem !== undefined);
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
