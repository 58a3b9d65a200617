import type { LogKeyPair } from './log-keys.ts';

/** One log of a trusted root; the span in seconds since 1970. */
export interface TrustedInstance {
  readonly url: string;
  readonly keys: LogKeyPair;
  readonly validFor: { readonly start: number; readonly end?: number };
}

/** A `trusted_root.json` with P-256 keys of these logs, in the form of Sigstore's protobuf-specs. */
export function trustedRoot(logs: readonly TrustedInstance[]): string {
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: logs.map(({ url, keys: { key }, validFor: { start, end } }) => ({
      baseUrl: url,
      hashAlgorithm: 'SHA2_256',
      publicKey: {
        rawBytes: key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
        keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        validFor: { start: iso(start), ...(end !== undefined && { end: iso(end) }) },
      },
      logId: { keyId: Buffer.from(key.logId, 'hex').toString('base64') },
    })),
    certificateAuthorities: [],
    ctlogs: [],
  });
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
