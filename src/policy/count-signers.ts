import { sha256Hex } from '../digest.ts';
import type { KeyPacket } from '../openpgp/key-packet.ts';
import { subjectPublicKeyInfo } from '../openpgp/subject-public-key.ts';
import { isIdentity } from '../verification/identity-checks.ts';
import { isByOpenPgp, type ProvenReport } from './decision.ts';
import { wantedIdentity } from './identity-pattern.ts';
import type { SignerItem } from './policy.ts';

/** What may satisfy an item of `signedBy`: proven evidence, and what is known of the archive. */
export interface Accepted {
  readonly evidences: readonly ProvenReport[];
  /** The digest of the archive; undefined: it is not known. */
  readonly sha256: string | undefined;
  /** Seconds since 1970. */
  readonly now: number;
  /** The keys that items name, by the paths of their files: SHA-256 of the DER SubjectPublicKeyInfo. */
  readonly keyIds: ReadonlyMap<string, string>;
}

/** Which items are satisfied, each by something of its own. */
export interface SignerCount {
  readonly items: ReadonlySet<SignerItem>;
  /** The evidence that counts, each signer once. */
  readonly evidences: readonly ProvenReport[];
}

/**
 * Pairs items with those who satisfy them, as many as can be: an item counts once, and so does a signer, whatever the
 * number of their signatures, keys and profiles. (A largest matching, by augmenting paths.)
 */
export function countSigners(items: readonly SignerItem[], accepted: Accepted): SignerCount {
  const signers = signersOf(accepted.evidences);
  const pinned = items.filter((item) => item.kind === 'digest' && isPinned(item, accepted));
  const itemOf = new Map<Signers, SignerItem>();
  const pair = (item: SignerItem, tried: Set<Signers>): boolean => {
    for (const signer of signers) {
      if (tried.has(signer) || !signer.some((evidence) => satisfies(evidence, item, accepted.keyIds)))
        continue;
      tried.add(signer);
      const other = itemOf.get(signer);
      if (other !== undefined && !pair(other, tried)) continue;
      itemOf.set(signer, item);
      return true;
    }
    return false;
  };
  for (const item of items) pair(item, new Set());
  return {
    items: new Set([...pinned, ...itemOf.values()]),
    evidences: [...itemOf].flatMap(
      ([signer, item]) => signer.find((each) => satisfies(each, item, accepted.keyIds)) ?? [],
    ),
  };
}

/** Whether a digest that somebody reviewed is the archive's, and still counts. */
function isPinned(item: Extract<SignerItem, { kind: 'digest' }>, { sha256, now }: Accepted): boolean {
  return item.sha256 === sha256 && now < item.until;
}

/** Evidence of one signer. */
type Signers = readonly ProvenReport[];

/** Two who share a key, whether the primary one or a subkey, are one signer. */
function signersOf(evidences: readonly ProvenReport[]): readonly Signers[] {
  let groups: { keys: Set<string>; evidences: ProvenReport[] }[] = [];
  for (const evidence of evidences) {
    const own = namesOf(evidence);
    const same = groups.filter(({ keys }) => own.some((key) => keys.has(key)));
    groups = [
      ...groups.filter((group) => !same.includes(group)),
      {
        keys: new Set([...own, ...same.flatMap(({ keys }) => [...keys])]),
        evidences: [...same.flatMap((group) => group.evidences), evidence],
      },
    ];
  }
  return groups.map((group) => group.evidences);
}

/** What tells one signer from another. */
function namesOf(evidence: ProvenReport): readonly string[] {
  if (isByOpenPgp(evidence)) {
    const { primaryFingerprint, signingFingerprint, keys } = evidence.signer;
    return [primaryFingerprint, signingFingerprint, ...keys.flatMap(plainName)];
  }
  const { signer } = evidence;
  if (signer.kind === 'key') return [`key ${signer.keyId}`];
  const { identity, issuer, keyId } = signer;
  // Who has a key is one signer, also where somebody certified it.
  return [`${identity.kind} ${identity.value} ${issuer}`, `key ${keyId}`];
}

/** What a key of OpenPGP is called as a key alone, if other tools can write it. */
function plainName(key: KeyPacket): readonly string[] {
  const info = subjectPublicKeyInfo(key);
  return info === undefined ? [] : [`key ${sha256Hex(info)}`];
}

/** Whether proven evidence is by the signer that an item of `signedBy` names. */
export function satisfies(
  evidence: ProvenReport,
  item: SignerItem,
  keyIds: ReadonlyMap<string, string>,
): boolean {
  if (isByOpenPgp(evidence))
    return (
      item.kind === 'any' ||
      (item.kind === 'openpgp' && evidence.signer.primaryFingerprint === item.fingerprint)
    );
  const { signer } = evidence;
  if (signer.kind === 'key') return item.kind === 'key' && keyIds.get(item.path) === signer.keyId;
  return item.kind === 'identity' && isIdentity(signer, wantedIdentity(item));
}
