import type { ProvenEntry } from '../verification/entry-report.ts';
import type { SignerItem } from './policy.ts';

/** What may satisfy an item of `signedBy`: proven evidence, and what is known of the archive. */
export interface Accepted {
  readonly evidences: readonly ProvenEntry[];
  /** The digest of the archive; undefined: it is not known. */
  readonly sha256: string | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Which items are satisfied, each by something of its own. */
export interface SignerCount {
  readonly items: ReadonlySet<SignerItem>;
  /** The evidence that counts, each signer once. */
  readonly evidences: readonly ProvenEntry[];
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
      if (tried.has(signer) || !signer.some((evidence) => satisfies(evidence, item))) continue;
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
    evidences: [...itemOf].flatMap(([signer, item]) => signer.find((each) => satisfies(each, item)) ?? []),
  };
}

/** Whether a digest that somebody reviewed is the archive's, and still counts. */
function isPinned(item: Extract<SignerItem, { kind: 'digest' }>, { sha256, now }: Accepted): boolean {
  return item.sha256 === sha256 && now < item.until;
}

/** Evidence of one signer. */
type Signers = readonly ProvenEntry[];

/** Two who share a key, whether the primary one or a subkey, are one signer. */
function signersOf(evidences: readonly ProvenEntry[]): readonly Signers[] {
  let groups: { keys: Set<string>; evidences: ProvenEntry[] }[] = [];
  for (const evidence of evidences) {
    const { primaryFingerprint, signingFingerprint } = evidence.signer;
    const own = [primaryFingerprint, signingFingerprint];
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

/** Identities and managed keys are named in policies, but no evidence of theirs is judged yet. */
function satisfies({ signer }: ProvenEntry, item: SignerItem): boolean {
  switch (item.kind) {
    case 'any':
      return true;
    case 'openpgp':
      return signer.primaryFingerprint === item.fingerprint;
    case 'identity':
    case 'key':
    case 'digest':
      return false;
  }
}
