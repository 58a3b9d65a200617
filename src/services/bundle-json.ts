import { encodeBase64 } from '../encoding.ts';
import type { LogEntryJson } from './log-entry.ts';
import { HASH_NAMES, type NamedDigest } from './loggable-signature.ts';
import type { SignatureTimestamp } from './request-timestamp.ts';

/** An envelope without its signature (DSSE). */
export interface UnsignedEnvelope {
  readonly payload: Uint8Array;
  readonly payloadType: string;
}

/** What a bundle is made of, beside what logs and timestamp authorities say. */
export interface BundleContent {
  readonly signature: Uint8Array;
  /** An envelope, or the digest of the message. */
  readonly signed:
    | { readonly kind: 'statement'; readonly envelope: UnsignedEnvelope }
    | { readonly kind: 'message'; readonly digest: NamedDigest };
  /** A certificate in DER, or what names a key that the reader must have. */
  readonly verifier:
    | { readonly kind: 'certificate'; readonly der: Uint8Array }
    | { readonly kind: 'key'; readonly hint: string };
}

/** An envelope with one signature, in JSON (DSSE, "JSON Serialization"). It names no key: a certificate says whose it is. */
export function envelopeJson({ payload, payloadType }: UnsignedEnvelope, signature: Uint8Array): object {
  return {
    payload: encodeBase64(payload),
    payloadType,
    signatures: [{ sig: encodeBase64(signature) }],
  };
}

/** The text of a bundle 0.3 (sigstore_bundle.proto), one line with its end. */
export function formatBundle(
  { signature, signed, verifier }: BundleContent,
  entry: LogEntryJson,
  timestamps: readonly SignatureTimestamp[],
): string {
  const content =
    signed.kind === 'statement'
      ? { dsseEnvelope: envelopeJson(signed.envelope, signature) }
      : {
          messageSignature: {
            messageDigest: {
              algorithm: HASH_NAMES[signed.digest.algorithm],
              digest: encodeBase64(signed.digest.value),
            },
            signature: encodeBase64(signature),
          },
        };
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      ...(verifier.kind === 'certificate'
        ? { certificate: { rawBytes: encodeBase64(verifier.der) } }
        : { publicKey: { hint: verifier.hint } }),
      tlogEntries: [entry],
      ...(timestamps.length > 0 && {
        timestampVerificationData: {
          rfc3161Timestamps: timestamps.map(({ der }) => ({ signedTimestamp: encodeBase64(der) })),
        },
      }),
    },
    ...content,
  };
  return `${JSON.stringify(bundle)}\n`;
}
