import { encodeHex, equalBytes } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { fingerprintOf, keyIdOf } from '../openpgp/key-packet.ts';
import { packetAt, type Packet, type PacketPlace } from '../openpgp/packets.ts';
import type { Issuer } from '../provenance/provenance.ts';
import type { CertificatePlace, Ring } from './scan.ts';

/** A certificate in a ring. */
export interface Copy {
  readonly ring: Ring;
  readonly certificate: CertificatePlace;
}

/**
 * All copies of the certificates that hold a key of a wanted fingerprint, also those copies that lack this key: they
 * may hold a revocation. To hash each key of a large keyring would take longer than all else, so the key is first
 * looked for where its key ID is mentioned, as it is in the signatures that it made over itself; all certificates are
 * hashed only if it is in none of these. Once the key is known, certificates are compared with it byte by byte, so
 * that none is missed.
 * @param keyId of the wanted keys, in hexadecimal
 * @throws MalformedError if more certificates claim the key than anybody needs: each costs verifications
 */
export function holdersOf(
  rings: readonly Ring[],
  keyId: string,
  isWanted: (fingerprint: string) => boolean,
): Copy[] {
  const needle = Buffer.from(keyId, 'hex');
  const mentioned = keysIn(
    rings.flatMap((ring) => mentionsIn(ring, needle)),
    isWanted,
  );
  const keys = mentioned.length > 0 ? mentioned : keysIn(copiesIn(rings), isWanted);
  const holders = copiesIn(rings, (ring, { keys: places }) =>
    places.some((place) => isOneOf(ring, place, keys)),
  );
  const primaries = primariesOf(holders);
  if (primaries.length > MAX_HOLDERS)
    throw new MalformedError(
      `${primaries.length} certificates claim one key, expected at most ${MAX_HOLDERS}`,
    );
  const bySubkey = primaries.some((primary) => !keys.some((key) => equalBytes(key, primary)));
  return bySubkey ? copiesIn(rings, (ring, { keys: [place] }) => isOneOf(ring, place, primaries)) : holders;
}

/** All copies of each certificate, by the fingerprint of its primary key, in the order of the first of each. */
export function byOwner(rings: readonly Ring[]): ReadonlyMap<string, readonly Copy[]> {
  const groups = new Map<string, Copy[]>();
  for (const copy of copiesIn(rings)) {
    const { ring, certificate } = copy;
    // A key without a fingerprint has no other copies that could be found.
    const name = fingerprintAt(packetAt(ring.bytes, certificate.keys[0])) ?? `${groups.size}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [copy]);
    else group.push(copy);
  }
  return groups;
}

/**
 * The copies of each certificate, in batches that take little memory when they are read. A batch has all copies of
 * its certificates.
 */
export function* inBatches(copies: ReadonlyMap<string, readonly Copy[]>): Generator<(readonly Copy[])[]> {
  let batch: (readonly Copy[])[] = [];
  let octets = 0;
  for (const group of copies.values()) {
    batch.push(group);
    for (const { certificate } of group) octets += certificate.end - certificate.start;
    if (octets < BATCH) continue;
    yield batch;
    [batch, octets] = [[], 0];
  }
  yield batch;
}

/** Whether a key of some fingerprint is the issuer. */
export function matcherOf({ fingerprint, keyId }: Issuer): (candidate: string) => boolean {
  if (fingerprint !== undefined) return (candidate) => candidate === fingerprint;
  return (candidate) => keyIdOf(candidate) === keyId;
}

/** In octets of certificates. Once they are read, they take ten times as much memory. */
const BATCH = 64 * 1024;

/** A key has one owner, and perhaps a few certificates of the same owner share it. */
const MAX_HOLDERS = 100;

/** The certificates of all rings, or those that the test lets pass. */
function copiesIn(
  rings: readonly Ring[],
  test: (ring: Ring, certificate: CertificatePlace) => boolean = () => true,
): Copy[] {
  const found: Copy[] = [];
  for (const ring of rings)
    for (const certificate of ring.certificates)
      if (test(ring, certificate)) found.push({ ring, certificate });
  return found;
}

/** The certificates in which these bytes occur. */
function mentionsIn(ring: Ring, needle: Uint8Array): Copy[] {
  const { bytes, certificates } = ring;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Copy[] = [];
  let at = text.indexOf(needle);
  for (const certificate of certificates) {
    if (at >= 0 && at < certificate.start) at = text.indexOf(needle, certificate.start);
    if (at < 0) break;
    if (at < certificate.end) found.push({ ring, certificate });
  }
  return found;
}

/** The bodies of the wanted keys in these certificates, each once. */
function keysIn(copies: readonly Copy[], isWanted: (fingerprint: string) => boolean): Uint8Array[] {
  const found = new Map<string, Uint8Array>();
  for (const { ring, certificate } of copies)
    for (const place of certificate.keys) {
      const packet = packetAt(ring.bytes, place);
      const fingerprint = fingerprintAt(packet);
      if (fingerprint !== undefined && isWanted(fingerprint)) found.set(fingerprint, packet.body);
    }
  return [...found.values()];
}

function fingerprintAt(packet: Packet): string | undefined {
  try {
    return fingerprintOf(packet);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** The bodies of the primary keys of these certificates, each once. */
function primariesOf(copies: readonly Copy[]): Uint8Array[] {
  const found = new Map<string, Uint8Array>();
  for (const { ring, certificate } of copies) {
    const { body } = packetAt(ring.bytes, certificate.keys[0]);
    found.set(encodeHex(body), body);
  }
  return [...found.values()];
}

/** Whether the packet is one of these keys. */
function isOneOf(ring: Ring, place: PacketPlace, keys: readonly Uint8Array[]): boolean {
  for (const key of keys) if (isKey(ring, place, key)) return true;
  return false;
}

function isKey({ bytes }: Ring, { bodyAt, end }: PacketPlace, key: Uint8Array): boolean {
  if (end - bodyAt !== key.length) return false;
  for (let at = 0; at < key.length; at++) if (bytes[bodyAt + at] !== key[at]) return false;
  return true;
}
