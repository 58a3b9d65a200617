import { randomBytes } from 'node:crypto';
import { sha256 } from '../digest.ts';
import { encodeBase64 } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { askService, senseless, type Asking, type ServiceRequest } from './service-request.ts';
import type { SigstoreService } from './signing-config.ts';
import { readTimestamp } from './timestamp-answer.ts';

/** A timestamp over a signature. */
export interface SignatureTimestamp {
  /** The response (RFC 3161), in DER. */
  readonly der: Uint8Array;
  /** Seconds since 1970. */
  readonly time: number;
}

/**
 * A timestamp over a signature, by the JSON of Sigstore's timestamp authorities.
 * @throws LogError if there is none, or it is over something else
 */
export async function requestTimestamp(
  { url }: SigstoreService,
  signature: Uint8Array,
  asking: Asking,
): Promise<SignatureTimestamp> {
  const digest = sha256(signature);
  // JSON has it as a number: six bytes are one that every reader takes, the first not zero and without a sign bit.
  const nonce = randomBytes(6);
  nonce[0] = ((nonce[0] ?? 0) & 0x3f) | 0x40;
  const request: ServiceRequest = {
    who: 'the timestamp authority',
    url: new URL(url),
    json: {
      artifactHash: encodeBase64(digest),
      hashAlgorithm: 'sha256',
      certificates: false,
      nonce: nonce.readUIntBE(0, 6),
    },
    headers: { accept: 'application/timestamp-reply' },
    maxBytes: 1 << 17,
  };
  const { body: der } = await askService(asking, request);
  try {
    return { der, ...readTimestamp(der, digest, nonce) };
  } catch (error) {
    if (error instanceof MalformedError) throw senseless(request, error.message);
    throw error;
  }
}
