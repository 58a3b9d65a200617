import { formatTime } from '../encoding.ts';
import type { ListedCertificate, ListedKey } from '../keyring/listing.ts';
import { lines } from './chart-text.ts';
import { lifetimeMembers } from './json.ts';

/** The keys of a user. */
export interface KeyList {
  /** Where keys were looked for, and how many are there. */
  readonly places: readonly { readonly place: string; readonly keys: number }[];
  readonly certificates: readonly ListedCertificate[];
  /** Whether `--insecure-allow-weak-keys` was given. */
  readonly allowWeak: boolean;
}

/** The text of a list of keys: the places, then each key with an empty line before it. */
export function keysText({ places, certificates, allowWeak }: KeyList): string {
  return lines([
    ...(places.length === 0 ? ['Keyring: none'] : []),
    ...places.map(({ place, keys }) => `Keyring: ${place} (${keys} ${keys === 1 ? 'key' : 'keys'})`),
    ...(allowWeak ? ['Warning: weak keys are accepted: --insecure-allow-weak-keys'] : []),
    ...certificates.flatMap((certificate) => ['', ...certificateLines(certificate, allowWeak)]),
  ]);
}

/** The members of the JSON document (docs/json.md). */
export function keysMembers({ places, certificates }: KeyList): Record<string, unknown> {
  return {
    places,
    keys: certificates.map(({ keyId, userIds, maySign, subkeys, place, problem, ...key }) => ({
      ...keyMembers(key),
      keyId,
      userIds,
      maySign,
      subkeys: subkeys.map(keyMembers),
      place,
      ...(problem !== undefined && { problem }),
    })),
  };
}

function certificateLines(certificate: ListedCertificate, allowWeak: boolean): string[] {
  const { userIds, maySign, subkeys, place, problem } = certificate;
  return [
    `Fingerprint: ${certificate.fingerprint.toUpperCase()}`,
    ...userIds.map((userId) => `User ID: ${userId}`),
    ...keyLines(certificate, allowWeak),
    ...(problem === undefined ? [] : [`Not Usable: ${problem}`]),
    ...(maySign || subkeys.length > 0 || problem !== undefined
      ? []
      : ['Not Usable: it has no key that may sign']),
    ...subkeys.flatMap((subkey) => [
      `Signing Subkey: ${subkey.fingerprint.toUpperCase()}`,
      ...keyLines(subkey, allowWeak),
    ]),
    `Found In: ${place}`,
  ];
}

function keyLines(key: ListedKey, allowWeak: boolean): string[] {
  const { algorithm, created, expires, revocations } = key;
  const end = expires === undefined ? 'does not expire' : `expires ${formatTime(expires)}`;
  return [
    `Key: ${algorithm}, created ${formatTime(created)}, ${end}`,
    ...revocations.map(({ reason }) => `Key Revoked: ${reason}`),
    ...weaknessLines(key, allowWeak),
  ];
}

function weaknessLines({ weakness }: ListedKey, allowWeak: boolean): string[] {
  if (weakness === undefined) return [];
  const { reason, tolerable } = weakness;
  if (tolerable && allowWeak) return [`Accepted All The Same: ${reason}`];
  return [`Not Accepted: ${reason}${tolerable ? ' (unless --insecure-allow-weak-keys is given)' : ''}`];
}

function keyMembers({ fingerprint, algorithm, weakness, ...life }: ListedKey): Record<string, unknown> {
  return {
    fingerprint,
    algorithm,
    ...lifetimeMembers(life),
    ...(weakness !== undefined && { weakness: weakness.reason }),
  };
}
