import { MalformedError } from '../errors.ts';
import { algorithmName } from './algorithms.ts';
import type { Certificate, Subkey } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import { findRevocations, type Revocation, type Revokers } from './revocation.ts';
import { revocationsFor } from './misplaced.ts';
import type { RevocationPacket } from './revocation-packet.ts';
import { verifySelfSignatures, type SelfSignatures } from './self-signatures.ts';
import { refuseFlood } from './signature-flood.ts';
import { allowsSigning, newest, type SignaturePacket } from './signature-packet.ts';
import { verifyBinding } from './subkey-binding.ts';

/** When a key was, is and will be good. Times in seconds since 1970. */
export interface KeyLifetime {
  readonly fingerprint: string;
  readonly created: number;
  /** From this moment on the key is expired; `undefined`: never. */
  readonly expires: number | undefined;
  readonly revocations: readonly Revocation[];
}

/** Who made a signature, as its certificate tells it, verified. */
export interface Signer {
  readonly primaryFingerprint: string;
  readonly signingFingerprint: string;
  /** Those with a valid self-signature that are not revoked, the primary one first. */
  readonly userIds: readonly string[];
  /** Of the key that signed: `RSA 3072`. */
  readonly algorithm: string;
  /** The primary key and, unless that signed, the subkey that did. */
  readonly keys: readonly KeyPacket[];
  /** Whether the key flags allow the key to sign data. */
  readonly maySign: boolean;
  readonly primary: KeyLifetime;
  /** The same object as `primary` when the primary key signed. */
  readonly signing: KeyLifetime;
}

/**
 * Verifies what a certificate says about its primary key and about the key in it that made a signature:
 * self-signatures, the binding of the subkey with its back signature, revocations. The newest valid
 * self-signature, and the newest valid binding, say how long a key lives and what for.
 * @param designatedRevokers certificates at hand that may hold the keys of designated revokers
 * @throws MalformedError if the certificate does not bind the key, or holds more signatures in its own name than
 * anybody needs. RFC 9580 5.2.1, 5.2.3 and 10.1.5.
 */
export async function assessCertificate(
  certificate: Certificate,
  signingFingerprint: string,
  designatedRevokers: readonly Certificate[],
): Promise<Signer> {
  const known = assessments.get(certificate) ?? [];
  assessments.set(certificate, known);
  const same = known.find(
    (each) => each.signing === signingFingerprint && each.revokers === designatedRevokers,
  );
  if (same) return await same.signer;
  const signer = assess(certificate, signingFingerprint, designatedRevokers);
  known.push({ signing: signingFingerprint, revokers: designatedRevokers, signer });
  return await signer;
}

/** A certificate is immutable, and asked about for each chart and each entry: its signatures are verified once. */
const assessments = new WeakMap<
  Certificate,
  { signing: string; revokers: readonly Certificate[]; signer: Promise<Signer> }[]
>();

async function assess(
  certificate: Certificate,
  signingFingerprint: string,
  designatedRevokers: readonly Certificate[],
): Promise<Signer> {
  const { primary, revocations } = certificate;
  refuseFlood(certificate);
  const self = await verifySelfSignatures(certificate);
  const revokers = { primary, designated: self.revokers, certificates: designatedRevokers };
  const statements = newestFirst(self);
  const primaryLifetime: KeyLifetime = {
    fingerprint: primary.fingerprint,
    ...lifetime(primary, statements),
    revocations: await findRevocations(revocations, { primary }, revokers),
  };
  const common = {
    primaryFingerprint: primary.fingerprint,
    signingFingerprint,
    userIds: self.userIds.map(({ text }) => text),
    primary: primaryLifetime,
  };
  if (signingFingerprint === primary.fingerprint) {
    const flags = statements.find(({ keyFlags }) => keyFlags !== undefined);
    const maySign = flags !== undefined && allowsSigning(flags);
    return {
      ...common,
      algorithm: algorithmName(primary),
      keys: [primary],
      maySign,
      signing: primaryLifetime,
    };
  }
  const subkey = certificate.subkeys.find(({ key }) => key.fingerprint === signingFingerprint);
  if (subkey === undefined)
    throw new MalformedError(`the key ${signingFingerprint} does not belong to ${primary.fingerprint}`);
  const binding = await verifyBinding(subkey, certificate);
  return {
    ...common,
    algorithm: algorithmName(subkey.key),
    keys: [primary, subkey.key],
    maySign: allowsSigning(binding),
    signing: await subkeyLifetime(
      subkey,
      binding,
      await revocationsFor(subkey, certificate, revokers),
      revokers,
    ),
  };
}

/**
 * The self-signatures in force, at most one of each kind (direct-key signature, certification of a user ID),
 * the newest first. What the newest does not mention, the other one may.
 */
function newestFirst({ direct, userIds }: SelfSignatures): SignaturePacket[] {
  const certification = newest(userIds.map((userId) => userId.certification));
  const both = [newest(direct), certification].filter((signature) => signature !== undefined);
  return both.sort((a, b) => (b.created ?? 0) - (a.created ?? 0));
}

/** The life of a key. It ends when the key expires, or the signature that vouches for it does. */
function lifetime(
  key: KeyPacket,
  statements: readonly SignaturePacket[],
): Pick<KeyLifetime, 'created' | 'expires'> {
  const keyExpiresAfter = statements.find((statement) => statement.keyExpiresAfter)?.keyExpiresAfter;
  const [latest] = statements;
  const ends = [
    keyExpiresAfter && key.created + keyExpiresAfter,
    latest?.expiresAfter && (latest.created ?? 0) + latest.expiresAfter,
  ].filter((end) => end !== undefined);
  return { created: key.created, expires: ends.length > 0 ? Math.min(...ends) : undefined };
}

async function subkeyLifetime(
  { key }: Subkey,
  binding: SignaturePacket,
  revocations: readonly RevocationPacket[],
  revokers: Revokers,
): Promise<KeyLifetime> {
  const over = { primary: revokers.primary, subkey: key };
  return {
    fingerprint: key.fingerprint,
    ...lifetime(key, [binding]),
    revocations: await findRevocations(revocations, over, revokers),
  };
}
