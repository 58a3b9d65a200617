import { readSignKey } from '../chart/archive/sign-key.ts';
import type { Hint } from '../errors.ts';
import { keyIdOf } from '../openpgp/key-packet.ts';
import type { Issuer, Provenance } from '../provenance/provenance.ts';
import { failed, type FailedResult } from './checks.ts';

/** A place where keys were looked for, and how many are there. */
export interface SearchedPlace {
  readonly place: string;
  readonly keys: number;
}

/**
 * The failed check of a signature by a key that no keyring holds: which key that is, and where it was looked
 * for. No hint helps to get that very key: if the chart is forged, the key is the forger's, and the forgery
 * would verify with it.
 */
export function unknownSigner(
  { issuer, document }: Provenance,
  places: readonly SearchedPlace[],
): FailedResult {
  const { fingerprint, keyId = '' } = issuer;
  const key = fingerprint === undefined ? `the key ID ${keyId}` : `the fingerprint ${fingerprint}`;
  return failed('the key that made the signature is not in the keyring', {
    expected: places.length > 0 ? `a key of ${inWords(places)}` : 'a keyring, of which there is none',
    found: `${key}${whatTheChartSays(document.metadata, issuer)}`,
    hint: UNKNOWN_SIGNER_HINT,
  });
}

/** It also names `--public-key`, which takes effect wherever else keys come from. */
export const UNKNOWN_SIGNER_HINT: Hint = {
  consumer:
    'ask the publisher, by another way than this chart, which fingerprint their key has; if it is this one, get their key from them and add it with helm sigstore keys add, or, where --keyring or KEYRING names other keys, name it with --public-key',
  publisher:
    'name the keyring that helm package --sign signed with, or your public key in a file, with --keyring',
};

const SHOWN_PLACES = 5;

function inWords(places: readonly SearchedPlace[]): string {
  const shown = places
    .slice(0, SHOWN_PLACES)
    .map(({ place, keys }) => `${place} (${keys} ${keys === 1 ? 'key' : 'keys'})`);
  const more = places.slice(SHOWN_PLACES);
  if (more.length === 0) return shown.join(', ');
  const keys = more.reduce((sum, place) => sum + place.keys, 0);
  return `${shown.join(', ')} and ${more.length} more places (${keys} keys)`;
}

/** Whoever made the chart chose both keys, so only a difference between them tells something. */
function whatTheChartSays(metadata: string, { fingerprint: wanted, keyId }: Issuer): string {
  const named = readSignKey(metadata)?.fingerprint;
  if (named === undefined || named === wanted || keyIdOf(named) === keyId) return '';
  return `, while the chart itself names ${named} (artifacthub.io/signKey): another key, or the primary key of this one`;
}
