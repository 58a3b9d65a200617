import { messageOf } from '../errors.ts';
import { hashedKey, type KeyPacket } from './key-packet.ts';
import { loadOpenpgp, type Library } from './library.ts';
import { withUnhashedArea, type SignaturePacket } from './signature-packet.ts';
import { subpacketType } from './subpackets.ts';

/** What a signature is made over: data, or a primary key alone, with a user ID, or with a subkey. RFC 9580 5.2.4. */
export type SignedObject =
  | { readonly data: Uint8Array }
  | { readonly primary: KeyPacket; readonly userId?: Uint8Array; readonly subkey?: KeyPacket };

/**
 * Why the signature is not one that this key made over this object, or `undefined` if it is. This is about
 * mathematics alone: times, flags, critical subpackets and the issuer that the signature names do not matter here.
 */
export async function whyInvalid(
  signature: SignaturePacket,
  key: KeyPacket,
  over: SignedObject,
): Promise<string | undefined> {
  if (signature.version !== key.version)
    return `a version ${signature.version} signature is none of a version ${key.version} key`;
  if (signature.publicKeyAlgorithm !== key.algorithm) return 'signature and key are of different algorithms';
  try {
    await verify(await loadOpenpgp(), signature, key, over);
    return undefined;
  } catch (error) {
    return reasons.get(messageOf(error)) ?? messageOf(error);
  }
}

/**
 * Whether a reason of `whyInvalid` says that the key did not make the signature; the others only say that it cannot
 * be told, as of a digest that the library does not compute for this kind of key.
 */
export function isRefutation(reason: string): boolean {
  return [...reasons.values()].includes(reason);
}

/** What the library's messages mean to somebody who does not know OpenPGP. */
const reasons = new Map([
  [
    'Signed digest did not match',
    'the signature does not fit the text: one of them was changed after signing (signed digest did not match)',
  ],
  ['Signature verification failed', 'the signature was not made by this key'],
]);

async function verify(
  { openpgp, config }: Library,
  signature: SignaturePacket,
  key: KeyPacket,
  over: SignedObject,
): Promise<void> {
  const packet = new openpgp.SignaturePacket() as unknown as LibrarySignature;
  packet.read(withUnhashedArea(signature, [issuerOf(key)]), config);
  // The library refuses these after it has verified the signature; whoever asks here decides about them.
  packet.unknownSubpackets = [];
  packet.rawNotations = [];
  packet.revocationKeyClass = null;
  await packet.verify(
    await libraryKey({ openpgp, config }, key),
    signature.type,
    hashedObject(over),
    null,
    true,
    config,
  );
}

async function libraryKey({ openpgp, config }: Library, key: KeyPacket): Promise<LibraryKey> {
  const known = libraryKeys.get(key);
  if (known) return known;
  const publicKey = new openpgp.PublicKeyPacket() as unknown as LibraryKey;
  await publicKey.read(key.body, config);
  libraryKeys.set(key, publicKey);
  return publicKey;
}

/** A key is read once, and verifies several signatures in its certificate and those of many charts. */
const libraryKeys = new WeakMap<KeyPacket, LibraryKey>();

/** The library reads nothing from the area that is not signed but the key that is being tried. */
function issuerOf(key: KeyPacket) {
  const data = Buffer.concat([Uint8Array.of(key.version), Buffer.from(key.fingerprint, 'hex')]);
  return { type: subpacketType.issuerFingerprint, critical: false, data };
}

/** The object in the library's shape; user IDs and keys stay the bytes that they are. */
function hashedObject(over: SignedObject): object {
  if ('data' in over) return { text: null, getBytes: () => over.data };
  const key = (packet: KeyPacket) => ({ writeForHash: () => hashedKey(packet) });
  return {
    key: key(over.primary),
    ...(over.subkey && { bind: key(over.subkey) }),
    ...(over.userId && { userID: { write: () => over.userId } }),
  };
}

/** The library's packets, with what its type definitions leave out. */
interface LibrarySignature {
  unknownSubpackets: unknown[];
  rawNotations: unknown[];
  revocationKeyClass: number | null;
  read(body: Uint8Array, config: Library['config']): void;
  verify(
    key: LibraryKey,
    type: number,
    data: object,
    date: null,
    detached: true,
    config: Library['config'],
  ): Promise<void>;
}

interface LibraryKey {
  read(body: Uint8Array, config: Library['config']): Promise<number>;
}
