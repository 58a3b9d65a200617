import { MalformedError } from '../errors.ts';

/** One OpenPGP packet; the body is a view into the bytes it was read from. RFC 9580 4. */
export interface Packet {
  readonly tag: number;
  readonly body: Uint8Array;
}

/** The packet types (tags) that certificates and signatures are made of. RFC 9580 5. */
export const packetTag = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
} as const;

/**
 * Whether readers of keys ignore the packet wherever it stands: markers and padding (RFC 9580 5.8 and 5.14),
 * what GnuPG notes about trust, and packets of unknown types that are not critical (RFC 9580 4.3).
 */
export function isIgnored({ tag }: Pick<Packet, 'tag'>): boolean {
  return tag === MARKER || tag === TRUST || tag === PADDING || tag >= FIRST_NOT_CRITICAL;
}

const MARKER = 10;
const TRUST = 12;
const PADDING = 21;
const FIRST_NOT_CRITICAL = 40;

/** Where a packet is: its body are the bytes from `bodyAt` up to `end`. */
export interface PacketPlace {
  readonly tag: number;
  readonly bodyAt: number;
  readonly end: number;
}

/** The packets in the bytes, one after the other. @throws MalformedError as `PacketCursor.next` does */
export function* readPackets(bytes: Uint8Array): Generator<Packet> {
  const cursor = new PacketCursor(bytes);
  while (cursor.next()) yield packetAt(bytes, cursor);
}

/** The packet at a place; its body is a view. */
export function packetAt(bytes: Uint8Array, { tag, bodyAt, end }: PacketPlace): Packet {
  return { tag, body: bytes.subarray(bodyAt, end) };
}

/** Goes from packet to packet, and makes nothing on the way: keyrings have tens of thousands. */
export class PacketCursor implements PacketPlace {
  tag = 0;
  bodyAt = 0;
  end: number;

  /** @param start where the first packet begins, `limit` where the last one ends */
  constructor(
    private readonly bytes: Uint8Array,
    start = 0,
    private readonly limit = bytes.length,
  ) {
    this.end = start;
  }

  /**
   * Goes to the next packet, with a header of the old or the new format; false if there is none.
   * @throws MalformedError on a malformed header, on partial and indeterminate lengths (which only data packets
   * may have), and on a packet that is longer than the bytes. RFC 9580 4.2.
   */
  next(): boolean {
    const at = this.end;
    if (at >= this.limit) return false;
    const { bytes } = this;
    const first = bytes[at] ?? 0;
    if ((first & 0x80) === 0)
      throw new MalformedError(`not an OpenPGP packet: it starts with the byte 0x${hexByte(first)}`);
    const isNew = (first & 0x40) !== 0;
    this.tag = isNew ? first & 0x3f : (first >> 2) & 0xf;
    if (this.tag === 0) throw new MalformedError('an OpenPGP packet has the reserved type 0');
    const second = bytes[at + 1] ?? 0;
    const lengthOctets = isNew ? newLengthOctets(second) : oldLengthOctets(first);
    this.bodyAt = at + 1 + lengthOctets;
    if (this.bodyAt > this.limit) throw new MalformedError('an OpenPGP packet ends within its header');
    let length = second;
    if (lengthOctets === 2) length = (second << 8) + (bytes[at + 2] ?? 0) - (isNew ? NEW_TWO_OCTETS : 0);
    else if (lengthOctets > 2) length = numberAt(bytes, this.bodyAt - 4);
    this.end = this.bodyAt + length;
    if (this.end > this.limit)
      throw new MalformedError(
        `an OpenPGP packet of ${length} bytes was announced, ${this.limit - this.bodyAt} are there`,
      );
    return true;
  }
}

/** The packet with a header of the new format and the shortest length. RFC 9580 4.2.1. */
export function writePacket({ tag, body }: Packet): Uint8Array {
  return Buffer.concat([Uint8Array.of(0xc0 | tag), shortestLength(body.length, 8384), body]);
}

/**
 * A length in one, two (below the limit: 8384 for packets, 16320 for subpackets) or five octets.
 * RFC 9580 4.2.1 and 5.2.3.7.
 */
export function shortestLength(length: number, twoOctetLimit: 8384 | 16320): Uint8Array {
  if (length < 192) return Uint8Array.of(length);
  if (length < twoOctetLimit) return Uint8Array.of(((length - 192) >> 8) + 192, (length - 192) & 0xff);
  const octets = Buffer.alloc(5, 0xff);
  octets.writeUInt32BE(length, 1);
  return octets;
}

/** What a length in two octets is too high by, in the new format. */
const NEW_TWO_OCTETS = (192 << 8) - 192;

function oldLengthOctets(first: number): number {
  const kind = first & 3;
  if (kind === 3) throw new MalformedError('an OpenPGP packet has no definite length');
  return 1 << kind;
}

function newLengthOctets(second: number): number {
  if (second < 192) return 1;
  if (second < 224) return 2;
  if (second < 255) throw new MalformedError('an OpenPGP packet comes in parts, expected it in one piece');
  return 5;
}

function numberAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
