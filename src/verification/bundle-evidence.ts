import type { Sha256 } from '../digest.ts';
import type { LibraryVerdict, SignatureFacts } from '../evidence/library-verdict.ts';
import type { SigstoreBundle } from '../evidence/sigstore-bundle.ts';
import type { SigningCertificate } from '../evidence/signing-certificate.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';

/** A bundle, the file that it is said to be about, and all that both are judged by. */
export interface BundleEvidence {
  readonly bundle: SigstoreBundle;
  /** Of the file. */
  readonly sha256: Sha256;
  readonly signed: SignatureFacts;
  readonly library: LibraryVerdict;
  /** What the certificate says; undefined: a key is said to have signed. */
  readonly certificate: SigningCertificate | undefined;
  readonly trust: SigstoreTrust;
  /** Whose signature counts, any of these; empty: the user names nobody, so nobody's does. */
  readonly identities: readonly WantedIdentity[];
  /** Predicate types of statements that count; undefined: all. */
  readonly predicateTypes: readonly string[] | undefined;
  /** Whether a signature over the file itself, which comes without a statement, does not count. */
  readonly needsStatement?: boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

/** A signer whom the user accepts. */
export interface WantedIdentity {
  /** For people: the name, or the pattern. */
  readonly words: string;
  readonly matches: (name: string) => boolean;
  /** Compared to the letter. */
  readonly issuer: string;
  /** The repository that has to be the source, where it is not the one of the identity. */
  readonly sourceRepository?: string | undefined;
}
