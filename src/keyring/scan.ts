import { MalformedError } from '../errors.ts';
import { canSign } from '../openpgp/algorithms.ts';
import { isPrimaryKey, isSecretKey } from '../openpgp/key-packet.ts';
import { isIgnored, PacketCursor, packetTag, type PacketPlace } from '../openpgp/packets.ts';
import { revocationTypeOf, type RevocationType } from '../openpgp/revocation-packet.ts';
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
  /** Key revocations, which may be of another key than the one before, and all revocations that stand before any key. */
  readonly revocations: readonly PacketPlace[];
  /** To be called before a certificate is believed. @throws MalformedError if it is damaged */
  readonly check?: (certificate: CertificatePlace) => void;
}

/**
 * Finds the certificates in sequences of packets. Each sequence starts with a key or a revocation, perhaps
 * after packets that mean nothing (`isIgnored`). Keys of unknown versions are skipped with all that belongs
 * to them. Of secret keys the public part is kept, and the given bytes are overwritten.
 * @throws MalformedError if the bytes are no such sequences, or of more packets than anybody needs
 */
export function scanPackets(sequences: readonly Uint8Array[]): Ring {
  const scanner = scanSequences(sequences);
  if (!scanner.hasSecrets) return scanner;
  const clean = sequences.map(withoutSecrets);
  scanner.bytes.fill(0);
  return scanSequences(clean);
}

function scanSequences(sequences: readonly Uint8Array[]): Scanner {
  const [first, ...others] = sequences;
  const scanner = new Scanner(first !== undefined && others.length === 0 ? first : Buffer.concat(sequences));
  let at = 0;
  for (const { length } of sequences) scanner.scan(at, (at += length));
  return scanner;
}

/** Whether the bytes start with a revocation. @throws MalformedError if they start with no packet */
export function startsWithRevocation(bytes: Uint8Array): boolean {
  const cursor = new PacketCursor(bytes);
  while (cursor.next()) if (!isIgnored(cursor)) return revocationAt(bytes, cursor) !== undefined;
  return false;
}

/** What the packet revokes, by the first octets of its body. RFC 9580 5.2. */
export function revocationAt(
  bytes: Uint8Array,
  { tag, bodyAt, end }: PacketPlace,
): RevocationType | undefined {
  const isLongEnough = tag === packetTag.signature && bodyAt + 2 < end;
  return isLongEnough ? revocationTypeOf(bytes, bodyAt) : undefined;
}

/** Collects the certificates of one piece of memory. */
export class Scanner implements Ring {
  readonly certificates: CertificatePlace[] = [];
  readonly revocations: PacketPlace[] = [];
  hasSecrets = false;
  #packets = 0;

  constructor(readonly bytes: Uint8Array) {}

  /** Adds those between two positions. @throws MalformedError as `scanPackets` does */
  scan(start: number, end: number): void {
    const { bytes } = this;
    const cursor = new PacketCursor(bytes, start, end);
    let current: Growing | undefined;
    let hasKey = false;
    for (let at = start; cursor.next(); at = cursor.end) {
      if (++this.#packets > MAX_PACKETS)
        throw new MalformedError(`expected at most ${MAX_PACKETS} OpenPGP packets, found more`);
      hasKey ||= isPrimaryKey(cursor);
      const revokes = revocationAt(bytes, cursor);
      if (!hasKey && revokes === undefined && !isIgnored(cursor))
        throw new MalformedError(`expected an OpenPGP key, found a packet of type ${cursor.tag}`);
      this.hasSecrets ||= isSecretKey(cursor);
      switch (cursor.tag) {
        case packetTag.publicKey:
        case packetTag.secretKey:
          current = hasKnownVersion(bytes, cursor)
            ? { start: at, end: at, keys: [placeOf(cursor)] }
            : undefined;
          if (current) this.certificates.push(current);
          break;
        case packetTag.publicSubkey:
        case packetTag.secretSubkey:
          // Octet 5 of a key is its algorithm. RFC 9580 5.5.2.
          if (current && hasKnownVersion(bytes, cursor) && canSign(bytes[cursor.bodyAt + 5] ?? 0))
            current.keys.push(placeOf(cursor));
          break;
        case packetTag.signature:
          if (revokes === signatureType.keyRevocation || (revokes !== undefined && !hasKey))
            this.revocations.push(placeOf(cursor));
          break;
      }
      if (current) current.end = cursor.end;
    }
  }
}

/** Six times what a Linux distribution has for all its developers; each costs memory, and some are verified. */
const MAX_PACKETS = 500_000;

function hasKnownVersion(bytes: Uint8Array, { bodyAt, end }: PacketPlace): boolean {
  return bodyAt < end && (bytes[bodyAt] === 4 || bytes[bodyAt] === 6);
}

interface Growing extends CertificatePlace {
  end: number;
  readonly keys: [PacketPlace, ...PacketPlace[]];
}

function placeOf({ tag, bodyAt, end }: PacketCursor): PacketPlace {
  return { tag, bodyAt, end };
}
