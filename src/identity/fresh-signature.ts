import { sha256 } from '../digest.ts';
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

/** The bytes that a signature of an envelope is over: "DSSEv1 LENGTH TYPE LENGTH PAYLOAD" (DSSE, "Signature Definition"). */
export function envelopePreimage(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  const head = `DSSEv1 ${type.length} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, 'utf8'), payload]);
}

/** SHA-256 of the bytes that are signed. */
export function digestToSign(content: ContentToSign): Uint8Array {
  return content.kind === 'message'
    ? content.digest
    : sha256(envelopePreimage(content.payloadType, content.payload));
}
