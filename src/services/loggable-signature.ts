/** A digest, by the name of its hash function. */
export interface NamedDigest {
  readonly algorithm: 'sha256' | 'sha384' | 'sha512';
  readonly value: Uint8Array;
}

/** What vouches for a signature: a certificate or a public key (SubjectPublicKeyInfo), in DER. */
interface Verifier {
  readonly kind: 'certificate' | 'key';
  readonly der: Uint8Array;
  /** Which key and digest it is, as Sigstore names them (sigstore_common.proto, `PublicKeyDetails`). */
  readonly keyDetails: string;
}

/** A signature as a log takes it: over what, and by whom. */
export interface LoggableSignature {
  /** Of the bytes that are signed. */
  readonly digest: NamedDigest;
  /** RSA (PKCS #1 1.5), or ECDSA in DER. */
  readonly signature: Uint8Array;
  readonly verifier: Verifier;
}

/** The names of hash functions in Sigstore (sigstore_common.proto, `HashAlgorithm`). */
export const HASH_NAMES = { sha256: 'SHA2_256', sha384: 'SHA2_384', sha512: 'SHA2_512' } as const;
