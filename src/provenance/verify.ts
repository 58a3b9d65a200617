import { formatTime } from '../encoding.ts';
import { MalformedError, type Hint } from '../errors.ts';
import { weaknessOfHash, weaknessOfKey } from '../openpgp/algorithms.ts';
import { keysOf, type Certificate } from '../openpgp/certificate.ts';
import type { KeyPacket } from '../openpgp/key-packet.ts';
import { assessCertificate, type Signer } from '../openpgp/key-lifetime.ts';
import { isIssuedBy } from '../openpgp/signature-packet.ts';
import { whyInvalid } from '../openpgp/signature-validity.ts';
import { UnjudgedCertificateError } from '../openpgp/unjudged-certificate.ts';
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
  ({ readonly ok: true } & VerifiedSignature) | ({ readonly ok: false } & Rejection);

/** Who made a signature, with which certificate. */
export interface VerifiedSignature extends PossibleSigner {
  readonly signer: Signer;
  /** Reasons for which the signature would not count, had the user not allowed weak algorithms. */
  readonly weaknesses: readonly string[];
}

interface Rejection {
  readonly reason: string;
  /** What the user can do about it. */
  readonly hint?: Hint;
  /** The copy of the key that is at hand lacks something, or has too much: nobody judged the signature. */
  readonly isUnjudged?: boolean;
}

/** How strict the verification of a signature is. */
export interface VerificationOptions {
  /** Seconds since 1970. */
  readonly now: number;
  /** Whether DSA, RSA of 1024 bits, the curve secp256k1 and digests by SHA-1 are accepted. */
  readonly allowWeak?: boolean;
}

/**
 * Whether one of the candidates made the signature of a provenance: the signature is valid under a key that a
 * certificate really binds, the algorithms are not weak, and at the time `now` it is neither expired nor dated
 * in the future. Whether the key was good at some time is another question (`judgeSignerAt`).
 */
export async function verifyProvenance(
  provenance: Provenance,
  candidates: readonly PossibleSigner[],
  options: VerificationOptions,
): Promise<SignatureVerdict> {
  const rejections: Rejection[] = [];
  for (const { key, candidate } of possibleKeys(provenance, candidates)) {
    const judged = await judge(key, candidate, provenance, options);
    if ('signer' in judged) return { ok: true, ...judged };
    rejections.push(judged);
  }
  const { fingerprint, keyId } = provenance.issuer;
  const wanted = fingerprint === undefined ? `key ID ${keyId ?? 'none'}` : `fingerprint ${fingerprint}`;
  return { ok: false, ...(rejections[0] ?? { reason: `there is no key with the ${wanted}` }) };
}

/** The keys of the candidates that the signature says it is by, in the order in which they are tried. */
export function possibleKeys(
  { signature }: Pick<Provenance, 'signature'>,
  candidates: readonly PossibleSigner[],
): readonly { readonly key: KeyPacket; readonly candidate: PossibleSigner }[] {
  return candidates.flatMap((candidate) =>
    keysOf(candidate.certificate)
      .filter((key) => isIssuedBy(signature, key))
      .map((key) => ({ key, candidate })),
  );
}

async function judge(
  key: KeyPacket,
  candidate: PossibleSigner,
  { signature, signedBytes }: Provenance,
  { now, allowWeak = false }: VerificationOptions,
): Promise<VerifiedSignature | Rejection> {
  const [critical] = signature.unknownCritical;
  if (critical !== undefined)
    return { reason: `the signature depends on something unknown: a critical ${critical}` };
  const { certificate, revokers } = candidate;
  const weaknesses = [
    weaknessOfKey(key),
    weaknessOfHash(signature.hashAlgorithm),
    key.fingerprint === certificate.primary.fingerprint ? undefined : weaknessOfKey(certificate.primary),
  ].filter((weakness) => weakness !== undefined);
  const refused = weaknesses.find(({ tolerable }) => !(allowWeak && tolerable));
  if (refused !== undefined)
    return { reason: refused.reason, ...(refused.tolerable && { hint: ALLOW_WEAK }) };
  const reason =
    (await whyInvalid(signature, key, { data: signedBytes })) ?? whyBadlyDated(signature, key, now);
  if (reason !== undefined) return { reason };
  try {
    const signer = await assessCertificate(certificate, key.fingerprint, revokers);
    return { ...candidate, signer, weaknesses: weaknesses.map((weakness) => weakness.reason) };
  } catch (error) {
    if (error instanceof UnjudgedCertificateError)
      return { reason: error.message, hint: error.hint, isUnjudged: true };
    if (error instanceof MalformedError) return { reason: error.message };
    throw error;
  }
}

const ALLOW_WEAK: Hint = {
  consumer:
    'ask the publisher to sign with a stronger key, or accept it all the same with --insecure-allow-weak-keys',
  publisher: 'sign with a stronger key, or accept this one all the same with --insecure-allow-weak-keys',
};

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

/** Seconds that two clocks may differ. */
const CLOCK_TOLERANCE = 300;
