import { sha256 } from '../digest.ts';
import { preAuthEncoding } from '../dsse.ts';
import type { BundleContent } from '../services/bundle-json.ts';
import type { LoggableSignature } from '../services/loggable-signature.ts';
import type { SignersCertificate } from './signing-certificate.ts';

/** What is signed: the bytes of a file, or a statement in an envelope (DSSE). */
export type ContentToSign =
  | {
      readonly kind: 'message';
      readonly chunks: () => AsyncIterable<Uint8Array>;
      readonly digest: Uint8Array;
    }
  | { readonly kind: 'statement'; readonly payload: Uint8Array; readonly payloadType: string };

/** A signature that was just made, and what a log is told of it. */
export interface FreshSignature {
  readonly content: ContentToSign;
  /** SHA-256 of the bytes that are signed. */
  readonly digest: Uint8Array;
  /** ECDSA, in DER. */
  readonly signature: Uint8Array;
  readonly certificate: SignersCertificate;
}

/** SHA-256 of the bytes that are signed. */
export function digestToSign(content: ContentToSign): Uint8Array {
  return content.kind === 'message' ? content.digest : sha256(preAuthEncoding(content));
}

/** The signature as a Rekor v2 takes it. */
export function loggableOf({ digest, signature, certificate }: FreshSignature): LoggableSignature {
  return {
    digest: { algorithm: 'sha256', value: digest },
    signature,
    verifier: { kind: 'certificate', der: certificate.der, keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
  };
}

/** The signature as a bundle holds it. */
export function bundleContentOf({ content, digest, signature, certificate }: FreshSignature): BundleContent {
  return {
    signature,
    signed:
      content.kind === 'statement'
        ? { kind: 'statement', envelope: content }
        : { kind: 'message', digest: { algorithm: 'sha256', value: digest } },
    verifier: { kind: 'certificate', der: certificate.der },
  };
}
