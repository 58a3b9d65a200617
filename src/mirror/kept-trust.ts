import type { KeyObject } from 'node:crypto';
import { decodeHex, encodeBase64, encodeUtf8, formatTime } from '../encoding.ts';
import type { LogKey } from '../tlog/log-key.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { byCharacters } from './text-order.ts';

/** A file with the keys of a log. */
export interface TrustFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * The files with the keys by which a log was believed: a trusted root, where they came from one, so that the time for
 * which each counts goes along; else each key by itself, named by its log ID. Copies for people who have none: nothing
 * in a mirror is a reason to trust them. A key that the log itself gave is not kept, as nobody vouches for it.
 * @param counted the log IDs of the keys that counted
 */
export function trustFiles({ url, keys, source }: TrustedLog, counted: ReadonlySet<string>): TrustFile[] {
  if (source.kind === 'first-use') return [];
  if (source.kind !== 'public-key-file' && source.kind !== 'pin')
    return [{ path: 'trust/trusted_root.json', bytes: rootOf(url, keys) }];
  return keys
    .filter(({ logId }) => counted.has(logId))
    .map(({ logId, publicKey }) => ({
      path: `trust/${logId}.pem`,
      bytes: encodeUtf8(publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    }));
}

/** A trusted root of these keys and nothing else, as `parseTrustedRoot` reads it. sigstore_trustroot.proto */
function rootOf(url: string, keys: readonly LogKey[]): Uint8Array {
  const tlogs = [...keys]
    .sort((a, b) => byCharacters(a.logId, b.logId))
    .map(({ logId, publicKey, validFrom, validUntil }) => ({
      baseUrl: url,
      hashAlgorithm: 'SHA2_256',
      publicKey: {
        rawBytes: encodeBase64(publicKey.export({ type: 'spki', format: 'der' })),
        keyDetails: detailsOf(publicKey),
        validFor: {
          ...(validFrom !== undefined && { start: formatTime(validFrom) }),
          ...(validUntil !== undefined && { end: formatTime(validUntil) }),
        },
      },
      logId: { keyId: encodeBase64(decodeHex(logId)) },
    }));
  const root = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', tlogs };
  return encodeUtf8(`${JSON.stringify(root, null, 2)}\n`);
}

/** The kind of a key as sigstore_common.proto names it. */
function detailsOf({ asymmetricKeyType, asymmetricKeyDetails: details }: KeyObject): string {
  if (asymmetricKeyType === 'ed25519') return 'PKIX_ED25519';
  if (asymmetricKeyType === 'rsa') return `PKIX_RSA_PKCS1V15_${details?.modulusLength ?? 0}_SHA256`;
  return details?.namedCurve === 'prime256v1' ? 'PKIX_ECDSA_P256_SHA_256' : 'PKIX_ECDSA_P384_SHA_384';
}
