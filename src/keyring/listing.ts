import { MalformedError } from '../errors.ts';
import { algorithmName, weaknessOfKey } from '../openpgp/algorithms.ts';
import { assessCertificate, type KeyLifetime, type Signer } from '../openpgp/key-lifetime.ts';
import type { KeyPacket } from '../openpgp/key-packet.ts';
import { allowsSigning, signatureType } from '../openpgp/signature-packet.ts';
import type { KnownSigner } from './keyring.ts';

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

/** These certificates, verified, in their order. It takes a millisecond or more for each. */
export async function listKeys(certificates: readonly KnownSigner[]): Promise<ListedCertificate[]> {
  const listed: ListedCertificate[] = [];
  for (const known of certificates) listed.push(await listCertificate(known));
  return listed;
}

async function listCertificate(known: KnownSigner): Promise<ListedCertificate> {
  const { certificate, place } = known;
  const { primary, subkeys } = certificate;
  const common = { keyId: primary.keyId, place };
  const signer = await assess(known, primary);
  if (typeof signer === 'string') {
    const { fingerprint, created } = primary;
    const life = { fingerprint, created, expires: undefined, revocations: [] };
    return {
      ...common,
      ...describe(primary, life),
      userIds: [],
      maySign: false,
      subkeys: [],
      problem: signer,
    };
  }
  const signing: ListedKey[] = [];
  for (const { key, signatures } of subkeys) {
    const isMeantToSign = signatures.some(
      (signature) => signature.type === signatureType.subkeyBinding && allowsSigning(signature),
    );
    const subkey = isMeantToSign ? await assess(known, key) : 'it only encrypts';
    if (typeof subkey !== 'string' && subkey.maySign) signing.push(describe(key, subkey.signing));
  }
  const { userIds, maySign } = signer;
  return { ...common, ...describe(primary, signer.primary), userIds, maySign, subkeys: signing };
}

/** What the certificate says about one of its keys, or why it does not hold. */
async function assess({ certificate, revokers }: KnownSigner, key: KeyPacket): Promise<Signer | string> {
  try {
    return await assessCertificate(certificate, key.fingerprint, revokers);
  } catch (error) {
    if (error instanceof MalformedError) return error.message;
    throw error;
  }
}

function describe(key: KeyPacket, life: KeyLifetime): ListedKey {
  const weakness = weaknessOfKey(key);
  return { ...life, algorithm: algorithmName(key), ...(weakness && { weakness }) };
}
