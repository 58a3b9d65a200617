import { MalformedError } from '../errors.ts';
import { canSign } from '../openpgp/algorithms.ts';
import { fingerprintOf, isPrimaryKey, isSubkey } from '../openpgp/key-packet.ts';
import { locatePacket, packetAt, packetTag, type PacketPlace } from '../openpgp/packets.ts';
import { signatureType } from '../openpgp/signature-packet.ts';

/** A certificate in a file of keys: its packets are the bytes from `start` up to `end`. Not parsed any further. */
export interface ScannedCertificate {
  /** Fingerprint of the primary key. */
  readonly primary: string;
  /** Fingerprints of the subkeys that can make signatures. */
  readonly subkeys: readonly string[];
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** What is in a file of keys. */
export interface Scan {
  readonly certificates: readonly ScannedCertificate[];
  /** Bodies of the key revocations that may be of another key than the one before them: `gpg --gen-revoke` writes them alone. */
  readonly revocations: readonly Uint8Array[];
}

/**
 * Finds the certificates in a sequence of packets. Only packet headers are read, and keys hashed for their
 * fingerprints; keys of unknown versions are skipped with all that belongs to them.
 * @throws MalformedError if the bytes are no sequence of packets, or start with something else than a key or a
 * key revocation
 */
export function scanPackets(file: Uint8Array): Scan {
  // Of a plain array views are made in half the time.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const certificates: ScannedCertificate[] = [];
  const revocations: Uint8Array[] = [];
  let current: Growing | undefined;
  let before: 'nothing' | 'primary' | 'more' = 'nothing';
  for (let at = 0; at < bytes.length;) {
    const place = locatePacket(bytes, at);
    if (isPrimaryKey(place)) {
      const primary = fingerprintAt(bytes, place);
      current = primary === undefined ? undefined : { primary, subkeys: [], bytes, start: at, end: at };
      if (current) certificates.push(current);
      before = 'primary';
    } else if (isKeyRevocation(bytes, place)) {
      if (before !== 'primary') revocations.push(packetAt(bytes, place).body);
    } else if (before === 'nothing') {
      throw new MalformedError(`expected an OpenPGP key, found a packet of type ${place.tag}`);
    } else if (isSubkey(place)) {
      const subkey = canSign(bytes[place.bodyAt + 5] ?? 0) ? fingerprintAt(bytes, place) : undefined;
      if (subkey !== undefined) current?.subkeys.push(subkey);
      before = 'more';
    } else if (place.tag === packetTag.userId) before = 'more';
    at = place.end;
    if (current) current.end = at;
  }
  return { certificates, revocations };
}

interface Growing extends ScannedCertificate {
  readonly subkeys: string[];
  end: number;
}

function fingerprintAt(bytes: Uint8Array, place: PacketPlace): string | undefined {
  try {
    return fingerprintOf(packetAt(bytes, place));
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** Whether it is a revocation of a whole key, by the first two octets of its body. RFC 9580 5.2.3. */
function isKeyRevocation(bytes: Uint8Array, { tag, bodyAt, end }: PacketPlace): boolean {
  if (tag !== packetTag.signature || end < bodyAt + 2) return false;
  return (bytes[bodyAt] === 4 || bytes[bodyAt] === 6) && bytes[bodyAt + 1] === signatureType.keyRevocation;
}
