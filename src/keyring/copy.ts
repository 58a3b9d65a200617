import { hash } from 'node:crypto';
import { readCertificates, type Certificate } from '../openpgp/certificate.ts';
import { parseKeyPacket, type KeyPacket } from '../openpgp/key-packet.ts';
import { packetAt } from '../openpgp/packets.ts';
import type { Copy } from './search.ts';

/** The bytes of a copy, as they are in its file. */
export function bytesOfCopy({ ring, certificate: { start, end } }: Copy): Uint8Array {
  return ring.bytes.subarray(start, end);
}

/** The certificate at a place. @throws MalformedError if it is damaged */
export function readCopy(copy: Copy): Certificate[] {
  return readCertificates(bytesOfCopy(copy));
}

/** The primary key at a place, without what follows it. @throws MalformedError if it is damaged */
export function primaryOfCopy({ ring, certificate: { keys } }: Copy): KeyPacket | undefined {
  return parseKeyPacket(packetAt(ring.bytes, keys[0]));
}

/** SHA-256 of the bytes of a copy. @throws MalformedError if it is damaged */
export function digestOfCopy(copy: Copy): string {
  copy.ring.check?.(copy.certificate);
  return hash('sha256', bytesOfCopy(copy), 'base64');
}
