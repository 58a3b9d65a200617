import type { Certificate } from '../openpgp/certificate.ts';
import type { CertificateAuthority } from '../trust/sigstore-trust.ts';
import type { WantedIdentity } from '../verification/bundle-evidence.ts';

/** An identity whose signatures are watched for. */
export interface WatchedIdentity extends Omit<WantedIdentity, 'issuer'> {
  /** Who has to vouch for it; undefined: anybody whom the trusted root lets certify. */
  readonly issuer: string | undefined;
}

/** Whose entries a monitor looks for: the user's own keys, addresses and identities. */
export interface WatchedSigners {
  /** Of primary keys of OpenPGP, in lower case. */
  readonly fingerprints: ReadonlySet<string>;
  /** Their certificates, as the keyring has them. */
  readonly certificates: readonly Certificate[];
  /** In lower case. */
  readonly emails: ReadonlySet<string>;
  readonly identities: readonly WatchedIdentity[];
  /** What people call a key, by the SHA-256 of its SubjectPublicKeyInfo; also keys of the certificates. */
  readonly keyNames: ReadonlyMap<string, string>;
  /** The keys that were given as such: DER. */
  readonly keys: readonly Uint8Array[];
  /** Who certifies identities. */
  readonly authorities: readonly CertificateAuthority[];
  /** All of it in words, in an order: what a state remembers, to see that more is watched than before. */
  readonly words: readonly string[];
}
