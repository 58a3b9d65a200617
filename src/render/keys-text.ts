import { formatTime } from '../encoding.ts';
import type { ListedCertificate, ListedKey } from '../keyring/listing.ts';
import { lifetimeMembers } from './json.ts';

/** Where keys were looked for, and how many are there. */
type Place = { readonly place: string; readonly keys: number };

/** What decides how keys are marked. */
interface KeyMarks {
  /** Whether `--insecure-allow-weak-keys` was given. */
  readonly allowWeak: boolean;
  /** Seconds since 1970: what is expired or revoked by then is marked. */
  readonly now: number;
}

/** The first lines of a list of keys. */
export function placesText(places: readonly Place[], { allowWeak }: KeyMarks): string[] {
  return [
    ...(places.length === 0 ? ['Keyring: none'] : []),
    ...places.map(({ place, keys }) => `Keyring: ${place} (${keys} ${keys === 1 ? 'key' : 'keys'})`),
    ...(allowWeak ? ['Warning: weak keys are accepted: --insecure-allow-weak-keys'] : []),
  ];
}

/** A certificate of the list in JSON (docs/json.md). */
export function certificateMembers(
  certificate: ListedCertificate,
  { now }: KeyMarks,
): Record<string, unknown> {
  const { keyId, userIds, maySign, subkeys, place, problem, ...key } = certificate;
  return {
    ...keyMembers(key, now),
    keyId,
    userIds,
    maySign,
    canSignNow: canSignAt(certificate, now),
    subkeys: subkeys.map((subkey) => keyMembers(subkey, now)),
    place,
    ...(problem !== undefined && { problem }),
  };
}

/** A certificate of the list, with an empty line before it. */
export function certificateText(certificate: ListedCertificate, list: KeyMarks): string[] {
  const { userIds, subkeys, place, problem } = certificate;
  return [
    '',
    `Fingerprint: ${certificate.fingerprint.toUpperCase()}`,
    ...userIds.map((userId) => `User ID: ${userId}`),
    ...keyLines(certificate, list),
    ...(problem === undefined ? whyNoSigner(certificate, list) : [`Not Usable: ${problem}`]),
    ...subkeys.flatMap((subkey) => [
      `Signing Subkey: ${subkey.fingerprint.toUpperCase()}`,
      ...keyLines(subkey, list),
    ]),
    `Found In: ${place}`,
  ];
}

/** Why no key of a certificate can sign now. */
function whyNoSigner(certificate: ListedCertificate, { now }: KeyMarks): string[] {
  if (canSignAt(certificate, now)) return [];
  const { maySign, subkeys } = certificate;
  const signing = [...(maySign ? [certificate] : []), ...subkeys];
  if (signing.length === 0) return ['Not Usable: it has no key that may sign'];
  const isVoid = ({ revocations }: ListedKey) => revocations.some(({ hard }) => hard);
  return isVoid(certificate) || signing.every(isVoid)
    ? ['Not Usable: it is revoked, whenever it signed']
    : ['Cannot Sign Any More: what it signed before counts where a log proves that'];
}

function keyLines(key: ListedKey, { allowWeak, now }: KeyMarks): string[] {
  const { algorithm, created, expires, revocations } = key;
  const end = expires === undefined ? 'does not expire' : `expires ${formatTime(expires)}`;
  return [
    `Key: ${algorithm}, created ${formatTime(created)}, ${end}`,
    ...(isExpiredAt(key, now) ? [`Key Expired: on ${formatTime(expires ?? now)}`] : []),
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

function keyMembers(key: ListedKey, now: number): Record<string, unknown> {
  const { fingerprint, algorithm, weakness, ...life } = key;
  return {
    fingerprint,
    algorithm,
    ...lifetimeMembers(life),
    expired: isExpiredAt(key, now),
    revoked: isRevokedAt(key, now),
    ...(weakness !== undefined && { weakness: weakness.reason }),
  };
}

/** Whether a key of it may sign, and neither that key nor the primary key is expired or revoked. */
function canSignAt(certificate: ListedCertificate, now: number): boolean {
  const isAlive = (key: ListedKey) => !isExpiredAt(key, now) && !isRevokedAt(key, now);
  const { maySign, subkeys, problem } = certificate;
  return problem === undefined && isAlive(certificate) && (maySign || subkeys.some(isAlive));
}

/** Whether the key is expired at that time, in seconds since 1970. */
export function isExpiredAt({ expires }: ListedKey, now: number): boolean {
  return expires !== undefined && expires <= now;
}

/** Whether a revocation counts at that time, in seconds since 1970. */
export function isRevokedAt({ revocations }: ListedKey, now: number): boolean {
  return revocations.some(({ hard, at }) => hard || at <= now);
}
