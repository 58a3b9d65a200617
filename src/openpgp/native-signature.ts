import { hash, verify } from 'node:crypto';
import { hashByNumber } from './hashes.ts';
import type { KeyPacket } from './key-packet.ts';
import { isOverDigest, plainSignatureBy, preimageOf, digestStartOf } from './plain-signature.ts';
import { signatureType, type SignaturePacket } from './signature-packet.ts';
import { hashedObject, type SignedObject } from './signed-object.ts';
import { publicKeyOf } from './subject-public-key.ts';

/**
 * Whether Node's own cryptography finds that this key made the signature over this object. That takes a small part of the
 * time in which the OpenPGP library is loaded, and nearly all signatures are valid, by RSA, an elliptic curve of NIST or
 * Ed25519, over a digest of SHA-2.
 * @returns false: it is not valid, or of a kind that is not judged here. The library decides then, and says why not.
 */
export function isNativelyValid(signature: SignaturePacket, key: KeyPacket, over: SignedObject): boolean {
  const algorithm = hashByNumber(signature.hashAlgorithm);
  if (signature.version !== 4 || algorithm === undefined || !SHA_2.has(algorithm.name)) return false;
  const object = objectOf(signature.type, over);
  if (object === undefined) return false;
  try {
    const plain = plainSignatureBy(signature, key);
    const publicKey = publicKeyOf(key);
    if (plain === undefined || publicKey === undefined) return false;
    const preimage = preimageOf(signature, object);
    const digest = hash(algorithm.name, preimage, 'buffer');
    if (!digest.subarray(0, 2).equals(digestStartOf(signature))) return false;
    return isOverDigest(key)
      ? verify(null, digest, publicKey, plain)
      : verify(algorithm.name, preimage, publicKey, plain);
  } catch {
    // Whatever it is, a key that is none or numbers that are missing, the library has words for it.
    return false;
  }
}

const SHA_2: ReadonlySet<string> = new Set(['sha256', 'sha384', 'sha512']);

/** What is hashed of the object for a signature of this type; undefined: such a signature is not over such an object. */
function objectOf(type: number, over: SignedObject): Uint8Array | undefined {
  if ('data' in over) return DATA.has(type) ? over.data : undefined;
  const parts = [over.userId !== undefined && 'user ID', over.subkey !== undefined && 'subkey'];
  return parts.filter((part) => part !== false).join() === PARTS.get(type) ? hashedObject(over) : undefined;
}

/** The types of signatures over data. Of a text the lines already end as they are hashed. RFC 9580 5.2.1. */
const DATA: ReadonlySet<number> = new Set([signatureType.binary, signatureType.text]);

/** What a signature of a type is over, beside the primary key. RFC 9580 5.2.4. */
const PARTS: ReadonlyMap<number, string> = new Map([
  [0x10, 'user ID'],
  [0x11, 'user ID'],
  [0x12, 'user ID'],
  [0x13, 'user ID'],
  [signatureType.subkeyBinding, 'subkey'],
  [signatureType.primaryKeyBinding, 'subkey'],
  [signatureType.directKey, ''],
  [signatureType.keyRevocation, ''],
  [signatureType.subkeyRevocation, 'subkey'],
  [signatureType.certificationRevocation, 'user ID'],
]);
