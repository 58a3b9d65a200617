import { sha256 } from '../digest.ts';
import { preAuthEncoding } from '../dsse.ts';
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
