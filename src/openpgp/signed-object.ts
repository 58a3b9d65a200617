import { hash } from 'node:crypto';
import { hashByNumber } from './hashes.ts';
import { hashedKey, type KeyPacket } from './key-packet.ts';
import type { RevocationContent } from './revocation-content.ts';

/** What a signature in a certificate is over: a primary key alone, with a user ID, or with a subkey. RFC 9580 5.2.4. */
export interface CertifiedObject {
  readonly primary: KeyPacket;
  readonly userId?: Uint8Array;
  readonly subkey?: KeyPacket;
}

/** What a signature is made over: data, or something in a certificate. RFC 9580 5.2.4. */
export type SignedObject = { readonly data: Uint8Array } | CertifiedObject;

/** What is hashed of the object; signatures of version 3 hash no header of a user ID. RFC 9580 5.2.4. */
export function hashedObject({ primary, userId, subkey }: CertifiedObject, version = 4): Uint8Array {
  const head = Buffer.alloc(userId && version > 3 ? 5 : 0, USER_ID);
  if (userId && version > 3) head.writeUInt32BE(userId.length, 1);
  return Buffer.concat([
    hashedKey(primary),
    ...(subkey ? [hashedKey(subkey)] : []),
    ...(userId ? [head, userId] : []),
  ]);
}

/** All that is hashed of a revocation of the object. */
export function hashedRevocation(content: RevocationContent, over: CertifiedObject): Uint8Array {
  const { version, hashedBefore, hashedAfter } = content;
  return Buffer.concat([hashedBefore, hashedObject(over, version), hashedAfter]);
}

/**
 * Whether the revocation says that it is of this object, by the first octets of its digest. They are not signed, so
 * this is a hint and no more.
 */
export function seemsOver(content: RevocationContent, over: CertifiedObject): boolean {
  const algorithm = hashByNumber(content.hashAlgorithm);
  if (algorithm === undefined) return false;
  const digest = hash(algorithm.name, hashedRevocation(content, over), 'buffer');
  return digest.subarray(0, 2).equals(content.digestStart);
}

const USER_ID = 0xb4;
