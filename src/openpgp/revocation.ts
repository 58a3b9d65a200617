import { formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { mergeCertificates, type Certificate } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import { isIssuedBy, signatureType, type SignaturePacket } from './signature-packet.ts';
import { isRefutation, whyInvalid, type SignedObject } from './signature-validity.ts';

/** A revocation of a key or subkey that counts. RFC 9580 5.2.3.31. */
export interface Revocation {
  /** Compromised, or without a reason: whatever the key ever signed is doubtful. Else only what came later. */
  readonly hard: boolean;
  /** Seconds since 1970. */
  readonly at: number;
  readonly reason: string;
}

/**
 * The certificate with the revocations that other copies of it hold, and nothing else of them: a copy that came
 * with what is being judged must not vouch for it. Whoever stole an expired key can sign it a longer life, but
 * revokes it in vain. Where the copies know of no other revocation it is the certificate itself.
 * @throws MalformedError when the copies hold more revocations than anybody needs: each costs a verification
 */
export function withRevocationsOf(certificate: Certificate, copies: readonly Certificate[]): Certificate {
  const revocations = copies.map((copy) => ({
    primary: copy.primary,
    signatures: copy.signatures.filter(({ type }) => isKeyRevocation(type)),
    userIds: [],
    subkeys: copy.subkeys.map(({ key, signatures }) => ({
      key,
      signatures: signatures.filter(({ type }) => isKeyRevocation(type)),
    })),
  }));
  const merged = mergeCertificates([certificate, ...revocations]);
  const foreign = revocationsIn(merged) - revocationsIn(mergeCertificates([certificate]));
  if (foreign > MAX_FOREIGN_REVOCATIONS)
    throw new MalformedError(
      `a copy of the key ${certificate.primary.fingerprint} holds too many revocations`,
    );
  return foreign === 0 ? certificate : merged;
}

/** Who may revoke: the primary key, and the designated revokers that its valid self-signatures name. */
export interface Revokers {
  readonly primary: KeyPacket;
  /** Fingerprints. */
  readonly designated: readonly string[];
  /** Certificates at hand in which to look for the keys of the designated revokers. */
  readonly certificates: readonly Certificate[];
}

/**
 * The revocations of a key or subkey among these signatures that count: those that verify, and those by a
 * designated revoker whose key is not at hand, because such a revocation cannot be shown to be false.
 */
export async function findRevocations(
  signatures: readonly SignaturePacket[],
  over: SignedObject,
  revokers: Revokers,
): Promise<Revocation[]> {
  const found: Revocation[] = [];
  const type = 'subkey' in over ? signatureType.subkeyRevocation : signatureType.keyRevocation;
  for (const signature of signatures.filter((candidate) => candidate.type === type)) {
    const revocation = await judge(signature, over, revokers);
    if (revocation !== undefined) found.push(revocation);
  }
  return found;
}

async function judge(
  signature: SignaturePacket,
  over: SignedObject,
  { primary, designated, certificates }: Revokers,
): Promise<Revocation | undefined> {
  const code = signature.revocationReason;
  const at = signature.created ?? 0;
  const hard = code !== SUPERSEDED && code !== RETIRED;
  const reason = `${reasons.get(code) ?? 'for a reason unknown to us'} on ${formatTime(at)}`;
  if (isIssuedBy(signature, primary)) {
    if (signature.version !== primary.version || signature.publicKeyAlgorithm !== primary.algorithm)
      return undefined;
    const invalid = await whyInvalid(signature, primary, over);
    if (invalid === undefined) return { hard, at, reason };
    // What cannot be verified cannot be shown to be false either.
    return isRefutation(invalid)
      ? undefined
      : { hard: true, at, reason: `${reason} (not verified: ${invalid})` };
  }

  const revoker = designated.find((fingerprint) => isIssuedByFingerprint(signature, fingerprint));
  if (revoker === undefined) return undefined;
  const key = certificates.map((certificate) => certificate.primary).find((k) => k.fingerprint === revoker);
  if (key === undefined)
    return {
      hard: true,
      at,
      reason: `${reason}, by the designated revoker ${revoker}, whose key is not at hand`,
    };
  if ((await whyInvalid(signature, key, over)) !== undefined) return undefined;
  return { hard, at, reason: `${reason}, by the designated revoker ${revoker}` };
}

/** One for each key, each reason and each revoker would be a dozen. */
const MAX_FOREIGN_REVOCATIONS = 100;

function revocationsIn({ signatures, subkeys }: Certificate): number {
  const all = [...signatures, ...subkeys.flatMap((subkey) => subkey.signatures)];
  return all.filter(({ type }) => isKeyRevocation(type)).length;
}

function isKeyRevocation(type: number): boolean {
  return type === signatureType.keyRevocation || type === signatureType.subkeyRevocation;
}

function isIssuedByFingerprint(signature: SignaturePacket, fingerprint: string): boolean {
  if (signature.issuerFingerprint !== undefined) return signature.issuerFingerprint === fingerprint;
  return signature.issuerKeyId !== undefined && fingerprint.endsWith(signature.issuerKeyId);
}

const SUPERSEDED = 1;
const RETIRED = 3;

const reasons = new Map<number | undefined, string>([
  [undefined, 'without a reason'],
  [0, 'without a reason'],
  [SUPERSEDED, 'as superseded'],
  [2, 'as compromised'],
  [RETIRED, 'as no longer used'],
]);
