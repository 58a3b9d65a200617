import { MalformedError } from '../errors.ts';
import { canSign } from '../openpgp/algorithms.ts';
import { isPrimaryKey } from '../openpgp/key-packet.ts';
import { PacketCursor, packetTag, type PacketPlace } from '../openpgp/packets.ts';
import { withoutSecrets } from '../openpgp/without-secrets.ts';
import { signatureType } from '../openpgp/signature-packet.ts';

/** Where a certificate is in a file of keys. Nothing in it was looked at but packet headers. */
export interface CertificatePlace {
  readonly start: number;
  readonly end: number;
  /** The packets of the primary key and of the subkeys that may be able to sign. */
  readonly keys: readonly [PacketPlace, ...PacketPlace[]];
}

/** Certificates one after the other in one piece of memory. */
export interface Ring {
  readonly bytes: Uint8Array;
  readonly certificates: readonly CertificatePlace[];
  /** Key revocations that may be of another key than the one before: `gpg --gen-revoke` writes them alone. */
  readonly revocations: readonly PacketPlace[];
  /** To be called before a certificate is believed. @throws MalformedError if it is damaged */
  readonly check?: (certificate: CertificatePlace) => void;
}

/**
 * Finds the certificates in a sequence of packets. Keys of unknown versions are skipped with all that belongs to them;
 * of secret keys the public part is kept, and the bytes are overwritten.
 * @throws MalformedError if the bytes are no sequence of packets, or start with something else than a key or a
 * key revocation
 */
export function scanPackets(bytes: Uint8Array): Ring {
  const scanner = new Scanner(bytes);
  scanner.scan(0, bytes.length);
  return scanner.hasSecrets ? scanPackets(withoutSecrets(bytes)) : scanner;
}

/** Collects the certificates of one piece of memory. */
export class Scanner implements Ring {
  readonly certificates: CertificatePlace[] = [];
  readonly revocations: PacketPlace[] = [];
  hasSecrets = false;

  constructor(readonly bytes: Uint8Array) {}

  /** Adds those between two positions. @throws MalformedError as `scanPackets` does */
  scan(start: number, end: number): void {
    const { bytes } = this;
    const cursor = new PacketCursor(bytes, start, end);
    let current: Growing | undefined;
    let before: 'nothing' | 'primary' | 'more' = 'nothing';
    for (let at = start; cursor.next(); at = cursor.end) {
      if (before === 'nothing' && !isPrimaryKey(cursor) && !isKeyRevocation(bytes, cursor))
        throw new MalformedError(`expected an OpenPGP key, found a packet of type ${cursor.tag}`);
      switch (cursor.tag) {
        case packetTag.publicKey:
        case packetTag.secretKey:
          current = hasKnownVersion(bytes, cursor)
            ? { start: at, end: at, keys: [placeOf(cursor)] }
            : undefined;
          if (current) this.certificates.push(current);
          if (cursor.tag === packetTag.secretKey) this.hasSecrets = true;
          before = 'primary';
          break;
        case packetTag.publicSubkey:
        case packetTag.secretSubkey:
          // Octet 5 of a key is its algorithm. RFC 9580 5.5.2.
          if (current && hasKnownVersion(bytes, cursor) && canSign(bytes[cursor.bodyAt + 5] ?? 0))
            current.keys.push(placeOf(cursor));
          before = 'more';
          break;
        case packetTag.userId:
          before = 'more';
          break;
        case packetTag.signature:
          if (before !== 'primary' && isKeyRevocation(bytes, cursor)) this.revocations.push(placeOf(cursor));
          break;
      }
      if (current) current.end = cursor.end;
    }
  }
}

function hasKnownVersion(bytes: Uint8Array, { bodyAt, end }: PacketPlace): boolean {
  return bodyAt < end && (bytes[bodyAt] === 4 || bytes[bodyAt] === 6);
}

/** Whether it revokes a whole key, by the first two octets of its body. RFC 9580 5.2.3. */
function isKeyRevocation(bytes: Uint8Array, place: PacketPlace): boolean {
  return (
    bytes[place.bodyAt + 1] === signatureType.keyRevocation &&
    place.tag === packetTag.signature &&
    place.bodyAt + 1 < place.end &&
    hasKnownVersion(bytes, place)
  );
}

interface Growing extends CertificatePlace {
  end: number;
  readonly keys: [PacketPlace, ...PacketPlace[]];
}

function placeOf({ tag, bodyAt, end }: PacketCursor): PacketPlace {
  return { tag, bodyAt, end };
}
