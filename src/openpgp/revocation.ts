import { formatTime } from '../encoding.ts';
import type { Certificate } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import { mayBeBy, namesOf, type RevocationPacket } from './revocation-packet.ts';
import { tryRevocation } from './revocation-validity.ts';
import { signatureType } from './signature-packet.ts';
import type { CertifiedObject } from './signed-object.ts';
import type { Allowance } from './tries.ts';

/** A revocation of a key, subkey or user ID that counts. RFC 9580 5.2.3.31. */
export interface Revocation {
  /** Compromised, without a reason, or unclear: whatever the key ever signed is doubtful. Else only what came later. */
  readonly hard: boolean;
  /** Whether it is known to be genuine; one that cannot be shown to be false counts as well. */
  readonly isVerified: boolean;
  /** Seconds since 1970. */
  readonly at: number;
  readonly reason: string;
}

/** Who may revoke: the primary key, and the designated revokers that its valid self-signatures name. */
export interface Revokers {
  readonly primary: KeyPacket;
  /** Fingerprints. */
  readonly designated: readonly string[];
  /** Certificates at hand in which to look for the keys of the designated revokers. */
  readonly certificates: readonly Certificate[];
  /** What limits the tries; the default is the limit for the copies of the key that the user has. */
  readonly allowance?: Allowance;
}

/**
 * Those of these revocations that count for the object: those that verify, and those that cannot be shown to be
 * false, because they cannot be read, their digest cannot be computed, or the key of a designated revoker is not at
 * hand. One that is refuted counts for nothing, as anybody can add it.
 * @throws FloodedCertificateError when the allowance is used up
 */
export async function findRevocations(
  revocations: readonly RevocationPacket[],
  over: CertifiedObject,
  revokers: Revokers,
): Promise<Revocation[]> {
  const wanted = revocationTypeFor(over);
  const found: Revocation[] = [];
  for (const packet of revocations.filter(({ type }) => type === wanted)) {
    const revocation = await judge(packet, over, revokers);
    if (revocation !== undefined) found.push(revocation);
  }
  return found;
}

function revocationTypeFor({ subkey, userId }: CertifiedObject): number {
  if (subkey !== undefined) return signatureType.subkeyRevocation;
  return userId === undefined ? signatureType.keyRevocation : signatureType.certificationRevocation;
}

async function judge(
  packet: RevocationPacket,
  over: CertifiedObject,
  { primary, designated, certificates, allowance }: Revokers,
): Promise<Revocation | undefined> {
  let unclear: string | undefined;
  if (mayBeBy(packet, primary)) {
    const tried = await tryRevocation(packet, primary, over, allowance);
    if (tried === 'valid') return revocationIn(packet);
    if (tried !== 'refuted') unclear = `(not verified: ${tried.unclear})`;
  }
  for (const fingerprint of over.userId ? [] : designated.filter((name) => mayBeBy(packet, namesOf(name)))) {
    const by = `by the designated revoker ${fingerprint}`;
    const key = certificates.find((known) => known.primary.fingerprint === fingerprint)?.primary;
    if (key === undefined) unclear ??= `${by}, whose key is not at hand`;
    else if ((await tryRevocation(packet, key, over, allowance)) === 'valid') return revocationIn(packet, by);
  }
  return unclear === undefined || packet.isStray
    ? undefined
    : { ...revocationIn(packet, unclear), hard: true, isVerified: false };
}

function revocationIn({ content }: RevocationPacket, remark?: string): Revocation {
  const { reasons = [], created: at = 0 } = content ?? {};
  const hardest = reasons.find((code) => !isMild(code)) ?? reasons[0];
  const reason = `${inWords.get(hardest) ?? 'for a reason unknown to us'} on ${formatTime(at)}`;
  return {
    hard: hardest === undefined || !isMild(hardest),
    isVerified: true,
    at,
    reason: remark === undefined ? reason : `${reason}${remark.startsWith('(') ? '' : ','} ${remark}`,
  };
}

function isMild(code: number): boolean {
  return code === SUPERSEDED || code === RETIRED;
}

const SUPERSEDED = 1;
const RETIRED = 3;

const inWords = new Map<number | undefined, string>([
  [undefined, 'without a reason'],
  [0, 'without a reason'],
  [SUPERSEDED, 'as superseded'],
  [2, 'as compromised'],
  [RETIRED, 'as no longer used'],
]);
