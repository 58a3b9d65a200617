import { readSignKey } from '../chart/sign-key.ts';
import { keyIdOf } from '../openpgp/key-packet.ts';
import type { Issuer, Provenance } from '../provenance/provenance.ts';
import { failed, type Finding } from './checks.ts';

/** A place where keys were looked for, and how many are there. */
export interface SearchedPlace {
  readonly place: string;
  readonly keys: number;
}

/**
 * The failed check of a signature by a key that no keyring holds: which key that is, where it was looked for, and
 * how it can be had. What the chart itself says of its key is passed on as something to compare, never as trust.
 */
export function unknownSigner({ issuer, document }: Provenance, places: readonly SearchedPlace[]): Finding {
  const { fingerprint, keyId = '' } = issuer;
  return failed('the key that made the signature is not in the keyring', {
    expected: places.length > 0 ? `a key of ${inWords(places)}` : 'a keyring, of which there is none',
    found: fingerprint === undefined ? `the key ID ${keyId}` : `the fingerprint ${fingerprint}`,
    hint: [
      `import it with gpg --recv-keys ${(fingerprint ?? keyId).toUpperCase()}, or name the publisher's key file with --public-key`,
      ...whatTheChartSays(document.metadata, issuer),
    ].join('; '),
  });
}

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

function whatTheChartSays(metadata: string, { fingerprint: wanted, keyId }: Issuer): string[] {
  const named = readSignKey(metadata);
  if (named === undefined) return [];
  const { fingerprint, url } = named;
  const isThis = fingerprint === wanted || (fingerprint !== undefined && keyIdOf(fingerprint) === keyId);
  const what = [
    ...(fingerprint === undefined ? [] : [`the fingerprint ${fingerprint.toUpperCase()}`]),
    ...(url === undefined ? [] : [`the address ${url}`]),
  ];
  const difference =
    fingerprint === undefined || isThis
      ? ''
      : ' and is another key, or the primary key of the one that signed';
  return [
    `the chart itself names ${what.join(' and ')} (artifacthub.io/signKey), which proves nothing${difference}: compare it with what its publisher says elsewhere`,
  ];
}
