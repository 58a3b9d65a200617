import { formatTime } from '../encoding.ts';
import type { Addition } from '../keyring/addition.ts';
import type { ListedCertificate, ListedKey } from '../keyring/listing.ts';
import { certificateMembers, certificateText, isExpiredAt, isRevokedAt } from './keys-text.ts';

/** A key that was added, and the file in which it is kept. */
export interface AddedKey {
  readonly addition: Addition;
  readonly path: string;
}

/** Lines about a key that was added, or was there before; `now` is in seconds since 1970. */
export function addedText(added: AddedKey, now: number): string[] {
  const { addition } = added;
  const [, ...about] = certificateText(certificateOf(added), { allowWeak: false, now });
  return [
    { added: 'Added Key', updated: 'Updated Key', unchanged: 'Known Key, Nothing New' }[outcomeOf(addition)],
    ...changesOf(addition).map((change) => `Changed: ${change}`),
    ...about,
  ];
}

/** The same as members of JSON (docs/json.md). */
export function addedMembers(added: AddedKey, now: number): Record<string, unknown> {
  const { addition } = added;
  return {
    outcome: outcomeOf(addition),
    changes: changesOf(addition),
    ...certificateMembers(certificateOf(added), { allowWeak: false, now }),
  };
}

/** What a user should know of a key before they rely on it. */
export function warningsOf({ after, copyLacksRevocation }: Addition, place: string, now: number): string[] {
  const { fingerprint, revocations, problem, weakness } = after;
  const name = `the key ${fingerprint.toUpperCase()}`;
  const [revocation] = revocations;
  const isRevoked = isRevokedAt(after, now);
  return [
    ...(problem === undefined
      ? []
      : [`${name} cannot be used; it is kept for what it says of revocations: ${problem}`]),
    ...(revocation === undefined || problem !== undefined
      ? []
      : [`${name} is revoked ${revocation.reason}; it is kept so that it goes on to count as revoked`]),
    ...(copyLacksRevocation
      ? [`what ${place} gives lacks a revocation that is known here, which still counts`]
      : []),
    ...(!isRevoked && isExpiredAt(after, now)
      ? [`${name} expired on ${formatTime(after.expires ?? now)}: only what it signed before can count`]
      : []),
    ...(weakness === undefined
      ? []
      : [
          `${weakness.reason}: its signatures ${weakness.tolerable ? 'count only with --insecure-allow-weak-keys' : 'never count'}`,
        ]),
  ];
}

function certificateOf({ addition, path }: AddedKey): ListedCertificate {
  return { ...addition.after, place: path };
}

function outcomeOf({ before, isNew }: Addition): 'added' | 'updated' | 'unchanged' {
  if (before === undefined) return 'added';
  return isNew ? 'updated' : 'unchanged';
}

/** What differs from what was kept before, in words; empty for a key that was not kept. */
function changesOf({ before, after, isNew }: Addition): string[] {
  if (before === undefined || !isNew) return [];
  const changes = [
    ...lifeChanges(before, after, ''),
    ...after.subkeys.flatMap((subkey) => {
      const known = before.subkeys.find(({ fingerprint }) => fingerprint === subkey.fingerprint);
      const name = `signing subkey ${subkey.fingerprint.toUpperCase()}`;
      return known === undefined ? [`new ${name}`] : lifeChanges(known, subkey, `${name} `);
    }),
    ...missingIn(before.userIds, after.userIds).map((userId) => `new user ID ${userId}`),
    ...missingIn(after.userIds, before.userIds).map((userId) => `no longer valid: user ID ${userId}`),
    ...missingIn(fingerprintsIn(after), fingerprintsIn(before)).map(
      (fingerprint) => `no longer signs: subkey ${fingerprint.toUpperCase()}`,
    ),
  ];
  return changes.length > 0 ? changes : ['signatures that say nothing new of these'];
}

function lifeChanges(before: ListedKey, after: ListedKey, name: string): string[] {
  const reasons = before.revocations.map(({ reason }) => reason);
  return [
    ...after.revocations
      .filter(({ reason }) => !reasons.includes(reason))
      .map(({ reason }) => `${name}revoked ${reason}`),
    ...(before.expires === after.expires ? [] : [`${name}${endOf(after)}, before that ${endOf(before)}`]),
  ];
}

function endOf({ expires }: ListedKey): string {
  return expires === undefined ? 'does not expire' : `expires ${formatTime(expires)}`;
}

function fingerprintsIn({ subkeys }: ListedCertificate): string[] {
  return subkeys.map(({ fingerprint }) => fingerprint);
}

/** Those of the second list that the first one lacks. */
function missingIn(list: readonly string[], others: readonly string[]): string[] {
  return others.filter((each) => !list.includes(each));
}
