import { MalformedError } from '../errors.ts';
import { bytesOfArmor } from './armored-text.ts';
import { claimedKeys, type ClaimedKey } from './claimed-keys.ts';

/** A public key that somebody looks for. */
export interface GivenKey {
  /** Its packets, and those of the keys beside it. */
  readonly packets: Uint8Array;
  readonly key: ClaimedKey;
  /** The e-mail addresses in its first user IDs. */
  readonly emails: readonly string[];
}

/**
 * The public key in a file or in text that was pasted.
 * @throws MalformedError, in words for people, if it is no public key of OpenPGP, or there is a secret one in it
 */
export function keyIn(content: Uint8Array): GivenKey {
  if (content.length > MOST)
    throw new MalformedError('This has more than 1 MiB, which no log takes as a key.');
  const text = new TextDecoder('latin1').decode(content);
  if (/PRIVATE KEY/.test(text)) throw new MalformedError(SECRET);
  let packets = content;
  let found;
  try {
    if (text.includes('-----BEGIN PGP')) packets = bytesOfArmor('PGP PUBLIC KEY BLOCK', text);
    found = claimedKeys(packets);
  } catch (error) {
    if (error instanceof MalformedError)
      throw new MalformedError(`This is no public key of OpenPGP: ${error.message}.`);
    throw error;
  }
  if (found.areSecret) throw new MalformedError(SECRET);
  const [key] = found.keys;
  if (key === undefined) throw new MalformedError('There is no public key of OpenPGP in this.');
  const emails = key.userIds.flatMap((userId) => emailIn(userId) ?? []);
  return { packets, key, emails: [...new Set(emails)] };
}

const MOST = 1 << 20;
const SECRET =
  'This is a secret key. It stays here: nothing was sent. Export the public one with “gpg --armor --export”.';

/** The address in a user ID, as `openpgp/certificate.ts` finds it, which needs Node. RFC 9580 5.11. */
function emailIn(userId: string): string | undefined {
  const address = userId.endsWith('>') ? userId.slice(userId.lastIndexOf('<') + 1, -1) : userId;
  return /^[^<>@\s]+@[^<>@\s]+$/.test(address) ? address : undefined;
}
