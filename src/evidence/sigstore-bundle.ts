/**
 * A Sigstore bundle: a signature over a file, who made it, and what a transparency log and timestamp authorities say of
 * it. Nothing of it is proven. (Sigstore's protobuf-specs, sigstore_bundle.proto)
 */
export interface SigstoreBundle {
  readonly form: BundleForm;
  readonly verifier: BundleVerifier;
  readonly content: SignedContent;
  readonly entry: BundleEntry;
  /** RFC 3161 responses, DER. */
  readonly timestamps: readonly Uint8Array[];
  /** The bundle as JSON, for the library; one in the legacy form is rewritten as a bundle 0.1. */
  readonly json: object;
}

/** The version of a bundle; or `cosign`: the JSON that cosign 2 wrote, in which the log's promise is all there is. */
export type BundleForm = '0.1' | '0.2' | '0.3' | 'cosign';

/** Whose signature it is said to be. */
export type BundleVerifier =
  /** The leaf certificate, DER. */
  | { readonly kind: 'certificate'; readonly der: Uint8Array }
  /** A key that the reader must have; what the bundle calls it proves nothing. */
  | { readonly kind: 'key'; readonly hint: string };

/** What is signed. */
export type SignedContent = SignedMessage | DsseEnvelope;

/** A signature over the file itself. */
export interface SignedMessage {
  readonly kind: 'message';
  readonly signature: Uint8Array;
  /** What the bundle calls the digest of the file. */
  readonly digest: { readonly algorithm: DigestAlgorithm; readonly value: Uint8Array };
}

/** A signature over a statement about files (DSSE 1.0). */
export interface DsseEnvelope {
  readonly kind: 'envelope';
  readonly signature: Uint8Array;
  readonly payload: Uint8Array;
  readonly payloadType: string;
}

export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512';

/** The entry of a log that vouches for the signature (sigstore_rekor.proto, `TransparencyLogEntry`). */
export interface BundleEntry {
  readonly kind: string;
  readonly version: string;
  /** The bytes of the leaf. */
  readonly body: Uint8Array;
  /** What names the key of the log: 64 hexadecimal digits. */
  readonly logId: string;
  /** Across all trees of the log. */
  readonly logIndex: number;
  /** Of Rekor v1: when and where it promised to take the entry. There is a promise or a proof, or both. */
  readonly promise?: { readonly integratedTime: number; readonly signature: Uint8Array } | undefined;
  readonly proof?: BundleProof | undefined;
}

/** RFC 9162 2.1.3, with the checkpoint that vouches for the root. */
interface BundleProof {
  readonly index: number;
  readonly size: number;
  readonly rootHash: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** Bytes of a file with bundles. Statements of builds have some tens of thousands. */
export const BUNDLE_LIMIT = 4 * 1024 * 1024;

/** The media type of the present version. */
export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** What tools call the bundle of a file: its name with one of these, in the order in which they are looked for. */
export const BUNDLE_ENDINGS = ['.sigstore.json', '.cosign.bundle', '.bundle'] as const;

/** How a bundle is attached that shows the signature of a provenance: it is about that, and not about the manifest. */
export const PROVENANCE_BUNDLE_TYPE = 'application/vnd.helm-sigstore.provenance-bundle.v1+json';

/** Behind the name of an archive: the bundle that shows the signature of its provenance on a log. */
export const PROVENANCE_BUNDLE_ENDING = '.prov.sigstore.json';

/** What the image manifest of a chart is called beside its archive, where a bundle signs that. */
export const MANIFEST_ENDING = '.manifest.json';

/** Bytes of such a manifest, as registries take them (distribution specification 1.1, "Pushing Manifests"). */
export const SIGNED_MANIFEST_LIMIT = 4 * 1024 * 1024;

/** What the text is called beside an archive that names this manifest, where cosign 2 signed that. */
export const CLAIM_ENDING = '.payload.json';

/** Bytes of such a text. An honest one has some hundreds; who signs may add words of his own. */
export const CLAIM_LIMIT = 64 * 1024;

/** Bundles in a file of JSON lines, as GitHub gives them. */
export const MAX_BUNDLES = 20;

/** Timestamps of a bundle. */
export const MAX_TIMESTAMPS = 10;
