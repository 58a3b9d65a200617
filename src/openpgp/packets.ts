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

/** Where a packet is: its body are the bytes from `bodyAt` up to `end`. */
export interface PacketPlace {
  readonly tag: number;
  readonly bodyAt: number;
  readonly end: number;
}

/** The packets in the bytes, one after the other. @throws MalformedError as `locatePacket` does */
export function* readPackets(bytes: Uint8Array): Generator<Packet> {
  for (let at = 0; at < bytes.length;) {
    const place = locatePacket(bytes, at);
    yield packetAt(bytes, place);
    at = place.end;
  }
}

/** The packet at a place; its body is a view. */
export function packetAt(bytes: Uint8Array, { tag, bodyAt, end }: PacketPlace): Packet {
  return { tag, body: bytes.subarray(bodyAt, end) };
}

/**
 * Where the packet is whose header, of the old or the new format, begins at `at`. Keyrings have thousands of
 * packets, so this makes nothing but its answer.
 * @throws MalformedError on a header that is none, on partial and indeterminate lengths (which only data
 * packets may have), and on a packet that is longer than the bytes. RFC 9580 4.2.
 */
export function locatePacket(bytes: Uint8Array, at: number): PacketPlace {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0)
    throw new MalformedError(`not an OpenPGP packet: it starts with the byte 0x${hexByte(first)}`);
  const isNew = (first & 0x40) !== 0;
  const tag = isNew ? first & 0x3f : (first >> 2) & 0xf;
  if (tag === 0) throw new MalformedError('an OpenPGP packet has the reserved type 0');
  const headerLength = isNew ? newHeaderLength(bytes, at) : oldHeaderLength(first);
  const bodyAt = at + headerLength;
  if (bodyAt > bytes.length) throw new MalformedError('an OpenPGP packet ends within its header');
  const length = isNew ? newBodyLength(bytes, at) : numberAt(bytes, at + 1, headerLength - 1);
  const end = bodyAt + length;
  if (end > bytes.length)
    throw new MalformedError(
      `an OpenPGP packet of ${length} bytes was announced, ${bytes.length - bodyAt} are there`,
    );
  return { tag, bodyAt, end };
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

function oldHeaderLength(first: number): number {
  const kind = first & 3;
  if (kind === 3) throw new MalformedError('an OpenPGP packet has no definite length');
  return 1 + (1 << kind);
}

function newHeaderLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at + 1] ?? 0;
  if (first < 192) return 2;
  if (first < 224) return 3;
  if (first < 255) throw new MalformedError('an OpenPGP packet comes in parts, expected it in one piece');
  return 6;
}

function newBodyLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at + 1] ?? 0;
  if (first < 192) return first;
  return first < 224 ? ((first - 192) << 8) + (bytes[at + 2] ?? 0) + 192 : numberAt(bytes, at + 2, 4);
}

function numberAt(bytes: Uint8Array, at: number, octets: number): number {
  let value = 0;
  for (let i = at; i < at + octets; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
