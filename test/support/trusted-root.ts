import type { LogKey } from '../../src/tlog/log-key.ts';
import type { LogKeyPair } from './log-keys.ts';

/** One log of a trusted root; the span in seconds since 1970. */
export interface TrustedInstance {
  readonly url: string;
  readonly keys: LogKeyPair;
  readonly validFor: { readonly start: number; readonly end?: number };
}

/** A `trusted_root.json` with the keys of these logs, in the form of Sigstore's protobuf-specs. */
export function trustedRoot(logs: readonly TrustedInstance[]): string {
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: logs.map(({ url, keys: { key }, validFor: { start, end } }) => ({
      baseUrl: url,
      hashAlgorithm: 'SHA2_256',
      publicKey: {
        rawBytes: key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
        keyDetails: keyDetails(key),
        validFor: { start: iso(start), ...(end !== undefined && { end: iso(end) }) },
      },
      logId: { keyId: Buffer.from(key.logId, 'hex').toString('base64') },
    })),
    certificateAuthorities: [],
    ctlogs: [],
  });
}

function keyDetails({
  publicKey: { asymmetricKeyType: type, asymmetricKeyDetails: details },
}: LogKey): string {
  if (type === 'ed25519') return 'PKIX_ED25519';
  if (type === 'rsa') return 'PKIX_RSA_PKCS1V15_2048_SHA256';
  return details?.namedCurve === 'secp384r1' ? 'PKIX_ECDSA_P384_SHA_384' : 'PKIX_ECDSA_P256_SHA_256';
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
