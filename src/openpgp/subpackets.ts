import { MalformedError } from '../errors.ts';
import { Octets } from './octets.ts';
import { shortestLength } from './packets.ts';

/** One field of a signature packet. RFC 9580 5.2.3.7. */
export interface Subpacket {
  readonly type: number;
  /** Whoever does not understand the subpacket must not rely on the signature. */
  readonly critical: boolean;
  readonly data: Uint8Array;
}

/** Subpacket types that this program reads. RFC 9580 5.2.3.7. */
export const subpacketType = {
  created: 2,
  expiresAfter: 3,
  exportable: 4,
  keyExpiresAfter: 9,
  revocationKey: 12,
  issuerKeyId: 16,
  notation: 20,
  primaryUserId: 25,
  keyFlags: 27,
  revocationReason: 29,
  embeddedSignature: 32,
  issuerFingerprint: 33,
} as const;

/** The subpackets in an area. @throws MalformedError on an empty subpacket and past the end. RFC 9580 5.2.3.7. */
export function readSubpackets(area: Uint8Array): Subpacket[] {
  const octets = new Octets(area, 'signature packet');
  const subpackets: Subpacket[] = [];
  while (octets.left > 0) {
    if (subpackets.length === MAX_SUBPACKETS)
      throw new MalformedError(`a signature packet has more than ${MAX_SUBPACKETS} subpackets in an area`);
    subpackets.push(readSubpacket(octets));
  }
  return subpackets;
}

/** The subpackets in an area up to the first that does not make sense, and whether that is all of it. */
export function readLeadingSubpackets(area: Uint8Array): { subpackets: Subpacket[]; isWhole: boolean } {
  const octets = new Octets(area, 'signature packet');
  const subpackets: Subpacket[] = [];
  try {
    while (octets.left > 0 && subpackets.length < MAX_SUBPACKETS) subpackets.push(readSubpacket(octets));
    return { subpackets, isWhole: octets.left === 0 };
  } catch (error) {
    if (error instanceof MalformedError) return { subpackets, isWhole: false };
    throw error;
  }
}

/** Real areas have about ten. */
const MAX_SUBPACKETS = 1000;

/** The area that holds these subpackets, with the shortest lengths. RFC 9580 5.2.3.7. */
export function writeSubpackets(subpackets: readonly Subpacket[]): Uint8Array {
  return Buffer.concat(
    subpackets.flatMap(({ type, critical, data }) => [
      shortestLength(data.length + 1, 16320),
      Uint8Array.of(critical ? type | 0x80 : type),
      data,
    ]),
  );
}

/** The critical subpackets that this program does not know: unknown types, and notations of any name. */
export function unknownCritical(subpackets: readonly Subpacket[]): string[] {
  return subpackets
    .filter(({ type, critical }) => critical && !understood.has(type))
    .map(({ type }) => (type === subpacketType.notation ? 'notation' : `subpacket of type ${type}`));
}

/** The types that are read, and those of RFC 9580 that may be critical and still mean nothing to us. */
const understood = new Set<number>([
  ...Object.values(subpacketType).filter((type) => type !== subpacketType.notation),
  ...[5, 6, 7, 11, 21, 22, 23, 24, 26, 28, 30, 31, 34, 39],
]);

function readSubpacket(octets: Octets): Subpacket {
  const content = octets.take(readLength(octets));
  const type = content[0];
  if (type === undefined) throw new MalformedError('a signature packet has an empty subpacket');
  return { type: type & 0x7f, critical: (type & 0x80) !== 0, data: content.subarray(1) };
}

function readLength(octets: Octets): number {
  const first = octets.number(1);
  if (first < 192) return first;
  if (first < 255) return ((first - 192) << 8) + octets.number(1) + 192;
  return octets.number(4);
}
