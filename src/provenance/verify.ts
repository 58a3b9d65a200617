import { formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { whyWeakHash, whyWeakKey } from '../openpgp/algorithms.ts';
import { keysOf, type Certificate } from '../openpgp/certificate.ts';
import type { KeyPacket } from '../openpgp/key-packet.ts';
import { assessCertificate, type Signer } from '../openpgp/key-lifetime.ts';
import { isIssuedBy } from '../openpgp/signature-packet.ts';
import { whyInvalid } from '../openpgp/signature-validity.ts';
import type { Provenance } from './provenance.ts';

/** A certificate that may hold the key that made a signature. */
export interface PossibleSigner {
  /** All copies at hand, merged. */
  readonly certificate: Certificate;
  /** Where the copies are, if somebody wants to know. */
  readonly place?: string;
  /** Certificates at hand of those who may revoke this one. */
  readonly revokers: readonly Certificate[];
}

export type SignatureVerdict =
  | ({ readonly ok: true; readonly signer: Signer } & PossibleSigner)
  | { readonly ok: false; readonly reason: string };

/**
 * Whether one of the candidates made the signature of a provenance: the signature is valid under a key that a
 * certificate really binds, the algorithms are not weak, and at the time `now` (seconds since 1970) it is
 * neither expired nor dated in the future. Whether the key was good at some time is another question
 * (`judgeSignerAt`).
 */
export async function verifySignature(
  provenance: Provenance,
  candidates: readonly PossibleSigner[],
  { now }: { readonly now: number },
): Promise<SignatureVerdict> {
  const reasons: string[] = [];
  for (const candidate of candidates) {
    const keys = keysOf(candidate.certificate).filter((key) => isIssuedBy(provenance.signature, key));
    for (const key of keys) {
      const reason = await whyNotMadeBy(key, provenance, now);
      const signer = reason ?? (await assess(candidate, key));
      if (typeof signer !== 'string') return { ...candidate, ok: true, signer };
      reasons.push(signer);
    }
  }
  const { fingerprint, keyId } = provenance.issuer;
  const wanted = fingerprint === undefined ? `key ID ${keyId ?? 'none'}` : `fingerprint ${fingerprint}`;
  return { ok: false, reason: reasons[0] ?? `there is no key with the ${wanted}` };
}

async function whyNotMadeBy(
  key: KeyPacket,
  { signature, signedBytes }: Provenance,
  now: number,
): Promise<string | undefined> {
  const [critical] = signature.unknownCritical;
  if (critical !== undefined) return `the signature depends on something unknown: a critical ${critical}`;
  return (
    whyWeakKey(key) ??
    whyWeakHash(signature.hashAlgorithm) ??
    (await whyInvalid(signature, key, { data: signedBytes })) ??
    whyBadlyDated(signature, key, now)
  );
}

function whyBadlyDated(
  { created, expiresAfter }: Provenance['signature'],
  key: KeyPacket,
  now: number,
): string | undefined {
  if (created > now + CLOCK_TOLERANCE) return `the signature is dated in the future: ${formatTime(created)}`;
  if (expiresAfter !== undefined && now >= created + expiresAfter)
    return `the signature expired on ${formatTime(created + expiresAfter)}`;
  if (created < key.created)
    return `the signature of ${formatTime(created)} is older than the key of ${formatTime(key.created)}`;
  return undefined;
}

/** The signer, or why the certificate does not make the key one. */
async function assess({ certificate, revokers }: PossibleSigner, key: KeyPacket): Promise<Signer | string> {
  try {
    const signer = await assessCertificate(certificate, key.fingerprint, revokers);
    return whyWeakKey(certificate.primary) ?? signer;
  } catch (error) {
    if (error instanceof MalformedError) return error.message;
    throw error;
  }
}

/** Seconds that two clocks may differ. */
const CLOCK_TOLERANCE = 300;
