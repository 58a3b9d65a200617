import { messageOf } from '../errors.ts';
import { hashedKey, type KeyPacket } from './key-packet.ts';
import { loadOpenpgp, type Library } from './library.ts';
import { isNativelyValid } from './native-signature.ts';
import { partsOf, withUnhashedArea, type SignaturePacket } from './signature-packet.ts';
import { hashedObject, type SignedObject } from './signed-object.ts';
import { subpacketType, type Subpacket } from './subpackets.ts';
import { tryOnce } from './tries.ts';

/**
 * Why the signature is not one that this key made over this object, or `undefined` if it is. This is about
 * mathematics alone: times, flags, critical subpackets and the issuer that the signature names do not matter here.
 * @throws FloodedCertificateError when more signatures in certificates were tried under this key than anybody needs
 */
export async function whyInvalid(
  signature: SignaturePacket,
  key: KeyPacket,
  over: SignedObject,
): Promise<string | undefined> {
  if (signature.version !== key.version)
    return `a version ${signature.version} signature is none of a version ${key.version} key`;
  if (signature.publicKeyAlgorithm !== key.algorithm) return 'signature and key are of different algorithms';
  const work = () => whyUnverified(signature, key, over);
  if ('data' in over) return await work();
  const { signed, rest } = partsOf(signature);
  return await tryOnce(key, [hashedObject(over), signed, rest], work);
}

/**
 * What the library says against a signature, in words for people; `undefined`: nothing.
 * @param ask calls the library, and does nothing else: every error in it is taken for what the library says.
 * An error of ours must not look like a bad signature, so prepare the arguments before.
 */
export async function whyRefused(ask: () => Promise<void>): Promise<string | undefined> {
  try {
    await ask();
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

const NOT_BY_THIS_KEY = 'the signature was not made by this key';

/** What the library's messages mean to somebody who does not know OpenPGP. */
const reasons = new Map([
  [
    'Signed digest did not match',
    'the signature does not fit the text: one of them was changed after signing (signed digest did not match)',
  ],
  ['Signature verification failed', NOT_BY_THIS_KEY],
  // A number in it is larger than any that the key makes.
  ['Input array too long', NOT_BY_THIS_KEY],
]);

async function whyUnverified(
  signature: SignaturePacket,
  key: KeyPacket,
  over: SignedObject,
): Promise<string | undefined> {
  if (isNativelyValid(signature, key, over)) return undefined;
  const library = await loadOpenpgp();
  const { openpgp, config } = library;
  const packet = new openpgp.SignaturePacket() as unknown as LibrarySignature;
  const body = withUnhashedArea(signature, [issuerOf(key)]);
  const object = libraryObject(over);
  return await whyRefused(async () => {
    packet.read(body, config);
    // The library refuses these after it has verified the signature. Here the caller decides about them.
    packet.unknownSubpackets = [];
    packet.rawNotations = [];
    packet.revocationKeyClass = null;
    await packet.verify(await libraryKey(library, key), signature.type, object, null, true, config);
  });
}

/** The key as the library reads it. */
export async function libraryKey({ openpgp, config }: Library, key: KeyPacket): Promise<LibraryKey> {
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
export function issuerOf(key: KeyPacket): Subpacket {
  const data = Buffer.concat([Uint8Array.of(key.version), Buffer.from(key.fingerprint, 'hex')]);
  return { type: subpacketType.issuerFingerprint, critical: false, data };
}

/** The object in the library's shape; user IDs and keys stay the bytes that they are. */
function libraryObject(over: SignedObject): object {
  if ('data' in over) {
    const { data } = over;
    return { text: null, getBytes: () => data };
  }
  const key = (packet: KeyPacket) => {
    const hashed = hashedKey(packet);
    return { writeForHash: () => hashed };
  };
  return {
    key: key(over.primary),
    ...(over.subkey && { bind: key(over.subkey) }),
    ...(over.userId && { userID: { write: () => over.userId } }),
  };
}

/** The library's packets, with what its type definitions leave out. */
export interface LibrarySignature {
  signedHashValue: Uint8Array;
  unknownSubpackets: unknown[];
  rawNotations: unknown[];
  revocationKeyClass: number | null;
  read(body: Uint8Array, config: Library['config']): void;
  toHash(): Uint8Array;
  hash(type: number, data: object, toHash: Uint8Array): Promise<Uint8Array>;
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
