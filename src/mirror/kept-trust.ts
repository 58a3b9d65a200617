import { encodeUtf8 } from '../encoding.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';

/** A file with the keys of a log. */
export interface TrustFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Whether the keys of a log came from a trusted root, which is kept as a whole. */
export function isOfRoot(trusted: TrustedLog | undefined): boolean {
  const kind = trusted?.source.kind;
  return kind === 'trusted-root' || kind === 'built-in' || kind === 'refreshed';
}

/**
 * The files with the keys by which a log was believed, each by itself and named by its log ID, where they came from no trusted
 * root. Copies for people who have none: nothing in a mirror is a reason to trust them. A key that the log itself gave is not
 * kept, as nobody vouches for it.
 * @param counted the log IDs of the keys that counted
 */
export function keyFiles({ keys, source }: TrustedLog, counted: ReadonlySet<string>): TrustFile[] {
  if (source.kind !== 'public-key-file' && source.kind !== 'pin') return [];
  return keys
    .filter(({ logId }) => counted.has(logId))
    .map(({ logId, publicKey }) => ({
      path: `trust/${logId}.pem`,
      bytes: encodeUtf8(publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    }));
}

/** The file with a trusted root, whole: what it says of logs, and of those who certify identities and times. @param json the root */
export function rootFile(json: unknown): TrustFile {
  return { path: 'trust/trusted_root.json', bytes: encodeUtf8(`${JSON.stringify(json, null, 2)}\n`) };
}
