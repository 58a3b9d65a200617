import { MalformedError } from '../errors.ts';
import { fingerprintOf } from '../openpgp/key-packet.ts';
import { packetAt, type Packet, type PacketPlace } from '../openpgp/packets.ts';
import type { CertificatePlace, Ring } from './scan.ts';

/** A certificate in a ring. */
export interface Copy {
  readonly ring: Ring;
  readonly certificate: CertificatePlace;
}

/**
 * The certificates that hold a key of a wanted fingerprint. To hash each key of a large keyring would take longer
 * than all else, so the key is first looked for where its key ID is mentioned, as it is in the signatures that it
 * made over itself; all certificates are hashed only if it is in none of these. Once the key is known, certificates
 * are compared with it byte by byte, so that none is missed.
 * @param keyId of the wanted keys, in hexadecimal
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
  return copiesIn(rings, (ring, { keys: places }) =>
    places.some((place) => keys.some((key) => isKey(ring, place, key))),
  );
}

/** The certificates with this primary key, by the body of its packet. */
export function copiesOf(rings: readonly Ring[], primary: Uint8Array): Copy[] {
  return copiesIn(rings, (ring, { keys: [place] }) => isKey(ring, place, primary));
}

/** The certificates of all rings, or those that the test lets pass. */
export function copiesIn(
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

/** Whether the packet is this key. */
function isKey({ bytes }: Ring, { bodyAt, end }: PacketPlace, key: Uint8Array): boolean {
  if (end - bodyAt !== key.length) return false;
  for (let at = 0; at < key.length; at++) if (bytes[bodyAt + at] !== key[at]) return false;
  return true;
}
