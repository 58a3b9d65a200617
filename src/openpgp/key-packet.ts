import { hash } from 'node:crypto';
import { MalformedError } from '../errors.ts';
import { Octets } from './octets.ts';
import { packetTag, type Packet } from './packets.ts';

/** The public part of a key or subkey packet. RFC 9580 5.5.2. */
export interface KeyPacket {
  readonly version: 4 | 6;
  /** 40 (version 4) or 64 (version 6) lower-case hexadecimal digits. RFC 9580 5.5.4. */
  readonly fingerprint: string;
  /** 16 lower-case hexadecimal digits. */
  readonly keyId: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** Public-key algorithm ID. RFC 9580 9.1. */
  readonly algorithm: number;
  /** Key material: the numbers and octet strings of the algorithm, as they stand in the packet. */
  readonly material: Uint8Array;
  /** Body of the public-key packet; of a secret key only the public part. */
  readonly body: Uint8Array;
}

/**
 * The key in a packet, cut to its public part; `undefined` if it is of a version other than 4 and 6, or a
 * secret key of an algorithm whose public part has an unknown length. RFC 9580 5.5.
 * @throws MalformedError on a key packet that does not parse
 */
export function parseKeyPacket(packet: Packet): KeyPacket | undefined {
  const version = packet.body[0];
  if (version !== 4 && version !== 6) return undefined;
  const octets = new Octets(packet.body, 'key packet');
  octets.take(1);
  const created = octets.number(4);
  const algorithm = octets.number(1);
  const announced = version === 6 ? octets.number(4) : undefined;
  const materialAt = octets.position;
  const secret = isSecretKey(packet);
  const available = octets.rest();
  const length = announced ?? materialLength(algorithm, available) ?? (secret ? undefined : available.length);
  if (length === undefined) return undefined;
  if (length > available.length) throw new MalformedError('a key packet ends too early');
  if (!secret && length < available.length)
    throw new MalformedError(`a key packet has ${available.length - length} bytes after its key`);
  const body = packet.body.subarray(0, materialAt + length);
  const fingerprint = hashKey(version, body);
  const material = available.subarray(0, length);
  return { version, fingerprint, keyId: keyIdOf(fingerprint), created, algorithm, material, body };
}

/**
 * The fingerprint of the key in a packet, without looking whether the rest of the packet makes sense. `undefined`
 * where `parseKeyPacket` gives that.
 * @throws MalformedError on a secret key that does not parse, and on a key that is too long to be one
 */
export function fingerprintOf(packet: Packet): string | undefined {
  const version = packet.body[0];
  if (version !== 4 && version !== 6) return undefined;
  return isSecretKey(packet) ? parseKeyPacket(packet)?.fingerprint : hashKey(version, packet.body);
}

/** The key ID that belongs to a fingerprint. RFC 9580 5.5.4. */
export function keyIdOf(fingerprint: string): string {
  return fingerprint.length === 40 ? fingerprint.slice(-16) : fingerprint.slice(0, 16);
}

/** What fingerprints, and signatures over a key, hash of it. RFC 9580 5.2.4 and 5.5.4. */
export function hashedKey({ version, body }: Pick<KeyPacket, 'version' | 'body'>): Uint8Array {
  const head = Buffer.alloc(version === 4 ? 3 : 5);
  head.writeUInt8(version === 4 ? 0x99 : 0x9b);
  head.writeUIntBE(body.length, 1, head.length - 1);
  return Buffer.concat([head, body]);
}

/** Whether the packet starts a certificate. */
export function isPrimaryKey(packet: Pick<Packet, 'tag'>): boolean {
  return packet.tag === packetTag.publicKey || packet.tag === packetTag.secretKey;
}

/** Whether the packet is a subkey. */
export function isSubkey(packet: Pick<Packet, 'tag'>): boolean {
  return packet.tag === packetTag.publicSubkey || packet.tag === packetTag.secretSubkey;
}

function hashKey(version: 4 | 6, body: Uint8Array): string {
  if (version === 4 && body.length > 0xffff) throw new MalformedError('a key packet is too long');
  return hash(version === 4 ? 'sha1' : 'sha256', hashedKey({ version, body }), 'hex');
}

/** Whether the packet holds more than the public part of a key. */
export function isSecretKey({ tag }: Pick<Packet, 'tag'>): boolean {
  return tag === packetTag.secretKey || tag === packetTag.secretSubkey;
}

/** Octets of public key material at the start of the bytes. RFC 9580 5.5.5. */
function materialLength(algorithm: number, bytes: Uint8Array): number | undefined {
  const octets = new Octets(bytes, 'key packet');
  for (const field of publicFields[algorithm] ?? []) {
    if (field === 'mpi') octets.integer();
    else if (field === 'string') octets.take(octets.number(1));
    else octets.take(field);
  }
  return algorithm in publicFields ? octets.position : undefined;
}

/** `string`: an octet of length and so many octets (curve OIDs, ECDH parameters); a number: so many octets. */
const publicFields: Record<number, readonly ('mpi' | 'string' | number)[]> = {
  1: ['mpi', 'mpi'],
  2: ['mpi', 'mpi'],
  3: ['mpi', 'mpi'],
  16: ['mpi', 'mpi', 'mpi'],
  17: ['mpi', 'mpi', 'mpi', 'mpi'],
  18: ['string', 'mpi', 'string'],
  19: ['string', 'mpi'],
  22: ['string', 'mpi'],
  25: [32],
  26: [56],
  27: [32],
  28: [57],
};
