import { MalformedError } from '../errors.ts';
import { algorithmName, weaknessOfKey } from '../openpgp/algorithms.ts';
import { assessCertificate, type KeyLifetime, type Signer } from '../openpgp/key-lifetime.ts';
import type { KeyPacket } from '../openpgp/key-packet.ts';
import { allowsSigning, signatureType } from '../openpgp/signature-packet.ts';
import { UnjudgedCertificateError } from '../openpgp/unjudged-certificate.ts';
import type { KnownSigner, UnreadCertificate } from './keyring.ts';

/** A certificate of a keyring, as its valid self-signatures tell it. */
export interface ListedCertificate extends ListedKey {
  readonly keyId: string;
  /** Those that are certified and not revoked, the primary one first. */
  readonly userIds: readonly string[];
  /** Whether the primary key itself may sign. */
  readonly maySign: boolean;
  /** Those that may sign. */
  readonly subkeys: readonly ListedKey[];
  /** Where its copies are. */
  readonly place: string;
  /** Why nothing that it signs counts: it does not prove what it says. */
  readonly problem?: string;
}

/** A key and its life. */
export interface ListedKey extends KeyLifetime {
  readonly algorithm: string;
  /** Why its signatures count only with `--insecure-allow-weak-keys`, or do not count at all. */
  readonly weakness?: { readonly reason: string; readonly tolerable: boolean };
}

/**
 * These certificates, verified one after the other, in their order. None is kept in memory. Each takes a
 * millisecond or more.
 * @param wanted fingerprints of those that are listed; empty: all
 */
export async function* listKeys(
  certificates: Iterable<KnownSigner | UnreadCertificate>,
  wanted: readonly string[],
): AsyncGenerator<ListedCertificate> {
  const names = new Set(wanted);
  for (const known of certificates) {
    const { primary } = 'problem' in known ? known : known.certificate;
    if (names.size > 0 && !names.has(primary.fingerprint)) continue;
    yield 'problem' in known
      ? describeUnusable(primary, known.place, known.problem)
      : await listCertificate(known);
  }
}

async function listCertificate(known: KnownSigner): Promise<ListedCertificate> {
  const { certificate, place } = known;
  const { primary, subkeys } = certificate;
  const signer = await assess(known, primary);
  if (typeof signer === 'string') return describeUnusable(primary, place, signer);
  const signing: ListedKey[] = [];
  for (const { key, signatures } of subkeys) {
    const isMeantToSign = signatures.some(
      (signature) => signature.type === signatureType.subkeyBinding && allowsSigning(signature),
    );
    const subkey = isMeantToSign ? await assess(known, key) : 'it only encrypts';
    if (typeof subkey !== 'string' && subkey.maySign) signing.push(describe(key, subkey.signing));
  }
  const { userIds, maySign } = signer;
  const { keyId } = primary;
  return { keyId, place, ...describe(primary, signer.primary), userIds, maySign, subkeys: signing };
}

/** A certificate of which nothing can be told but its primary key. */
function describeUnusable(primary: KeyPacket, place: string, problem: string): ListedCertificate {
  const { fingerprint, keyId, created } = primary;
  const life = { fingerprint, created, expires: undefined, revocations: [] };
  return { keyId, place, ...describe(primary, life), userIds: [], maySign: false, subkeys: [], problem };
}

/** What the certificate says about one of its keys, or why it does not hold. */
async function assess({ certificate, revokers }: KnownSigner, key: KeyPacket): Promise<Signer | string> {
  try {
    return await assessCertificate(certificate, key.fingerprint, revokers);
  } catch (error) {
    if (error instanceof UnjudgedCertificateError) return `${error.message}; ${error.hint}`;
    if (error instanceof MalformedError) return error.message;
    throw error;
  }
}

function describe(key: KeyPacket, life: KeyLifetime): ListedKey {
  const weakness = weaknessOfKey(key);
  return { ...life, algorithm: algorithmName(key), ...(weakness && { weakness }) };
}
