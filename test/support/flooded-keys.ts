import { packetTag, readPackets, writePacket, type Packet } from '../../src/openpgp/packets.ts';
import type { RevocationType } from '../../src/openpgp/revocation-packet.ts';
import { manyCertificates } from './many-certificates.ts';

/**
 * Copies of one certificate, each with so many forged revocations of this type, of which no two are the same; all copies
 * in one file.
 */
export function floodedCopies(copies: number, revocations: number, type: RevocationType): Uint8Array {
  const [certificate = new Uint8Array()] = manyCertificates(1);
  const packets = [...readPackets(certificate)] as [Packet, Packet, Packet];
  const [, , signature] = packets;
  const whole = packets.map(writePacket);
  const forged = (number: number): Uint8Array => {
    const body = Buffer.from(signature.body);
    body[1] = type;
    body.writeUInt32BE(number, body.length - 4);
    return writePacket({ tag: packetTag.signature, body });
  };
  const all = Array.from({ length: copies }, (_, copy) => [
    ...whole,
    ...Array.from({ length: revocations }, (_, at) => forged(copy * revocations + at)),
  ]);
  return Buffer.concat(all.flat());
}
