import { encodeBase64 } from '../encoding.ts';
import type { ContentToSign, FreshSignature } from './fresh-signature.ts';
import type { LogEntryJson } from './log-entry.ts';
import type { SignatureTimestamp } from './request-timestamp.ts';

type Statement = Extract<ContentToSign, { readonly kind: 'statement' }>;

/** An envelope with one signature, in JSON (DSSE, "JSON Serialization"). It names no key: a certificate says whose it is. */
export function envelopeJson({ payload, payloadType }: Statement, signature: Uint8Array): object {
  return {
    payload: encodeBase64(payload),
    payloadType,
    signatures: [{ sig: encodeBase64(signature) }],
  };
}

/** The text of a bundle 0.3 (sigstore_bundle.proto), one line with its end. */
export function formatBundle(
  { content, digest, signature, certificate }: FreshSignature,
  entries: readonly LogEntryJson[],
  timestamps: readonly SignatureTimestamp[],
): string {
  const signed =
    content.kind === 'statement'
      ? { dsseEnvelope: envelopeJson(content, signature) }
      : {
          messageSignature: {
            messageDigest: { algorithm: 'SHA2_256', digest: encodeBase64(digest) },
            signature: encodeBase64(signature),
          },
        };
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes: encodeBase64(certificate.der) },
      tlogEntries: entries,
      ...(timestamps.length > 0 && {
        timestampVerificationData: {
          rfc3161Timestamps: timestamps.map(({ der }) => ({ signedTimestamp: encodeBase64(der) })),
        },
      }),
    },
    ...signed,
  };
  return `${JSON.stringify(bundle)}\n`;
}
