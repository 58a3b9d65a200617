import type { ExpectedChart } from '../chart/chart-files.ts';
import type { ChartImage } from '../chart/fetch/chart-image.ts';
import type { ChartMetadata } from '../chart/archive/metadata.ts';
import type { Sha256 } from '../digest.ts';
import type { ImageClaim } from '../evidence/image-claim.ts';
import type { LibraryVerdict, SignatureFacts } from '../evidence/library-verdict.ts';
import type { SigstoreBundle } from '../evidence/sigstore-bundle.ts';
import type { SigningCertificate } from '../evidence/signing-certificate.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import type { Past } from './consistency.ts';

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
  /** What is known of the tree of its checkpoint; undefined: nobody looked. */
  readonly past?: Past;
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

/** The image manifest of a chart, which was signed in place of its archive. */
export interface SignedImage {
  /** Of the bytes of the manifest. */
  readonly sha256: Sha256;
  /** Reads the manifest. Throws MalformedError if it is none of a chart. */
  readonly read: () => ChartImage;
  /** Reads the text that was signed in place of it, and that names it; throws MalformedError. Undefined: the manifest itself was signed. */
  readonly claim: (() => ImageClaim) | undefined;
}

/** A bundle as evidence for a chart. */
export interface ChartBundleEvidence extends BundleEvidence {
  /** The archive of the chart, which was signed itself or as a layer of what was. */
  readonly archive: { readonly sha256: Sha256; readonly size: number };
  /** What was signed in place of the archive; undefined: the archive itself. */
  readonly image?: SignedImage | undefined;
  /** The file name that has to be signed: the archive's own, or the one it had before it was renamed. */
  readonly signedName: string;
  /** What the index, the reference or the lock that names the archive says of it, if one does. */
  readonly expected?: ExpectedChart | undefined;
  /** Reads the Chart.yaml in the archive, which is signed with it. */
  readonly packed: () => Promise<ChartMetadata>;
  /** Where the bundle is, for people. */
  readonly place: string;
}
