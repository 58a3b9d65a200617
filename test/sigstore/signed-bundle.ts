import { X509Certificate } from 'node:crypto';

/** A bundle 0.3 by a certificate, as far as the tests look at it. */
interface BundleParts {
  readonly mediaType: string;
  readonly verificationMaterial: {
    readonly certificate: { readonly rawBytes: string };
    readonly tlogEntries: readonly Readonly<Record<string, unknown>>[];
    readonly timestampVerificationData?: {
      readonly rfc3161Timestamps: readonly { readonly signedTimestamp: string }[];
    };
  };
  readonly messageSignature?: {
    readonly messageDigest: { readonly algorithm: string; readonly digest: string };
    readonly signature: string;
  };
  readonly dsseEnvelope?: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string }[];
  };
}

/** What a bundle has, read without any code of the plugin. */
export interface ReadBundle extends BundleParts {
  readonly leaf: X509Certificate;
  readonly signature: Buffer;
  /** Of an envelope. */
  readonly payload: Buffer;
  /** The bytes that are signed in an envelope (DSSE). */
  readonly preimage: Buffer;
}

export function readBundle(text: string): ReadBundle {
  const bundle = JSON.parse(text) as BundleParts;
  const { payload = '', payloadType = '', signatures = [] } = bundle.dsseEnvelope ?? {};
  const bytes = Buffer.from(payload, 'base64');
  return {
    ...bundle,
    leaf: new X509Certificate(Buffer.from(bundle.verificationMaterial.certificate.rawBytes, 'base64')),
    signature: Buffer.from(signatures[0]?.sig ?? bundle.messageSignature?.signature ?? '', 'base64'),
    payload: bytes,
    preimage: Buffer.concat([
      Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} `),
      bytes,
    ]),
  };
}
