import { MalformedError } from '../errors.ts';
import { isSecretKey, parseKeyPacket } from './key-packet.ts';
import { packetTag, readPackets, writePacket, type Packet } from './packets.ts';

/**
 * The packets with public keys in the place of secret ones. The given bytes are overwritten, so that the secrets are
 * in memory no longer than it takes to read past them. A secret key whose public part cannot be told from the rest
 * becomes one of an unknown version, which readers skip.
 * @throws MalformedError if the bytes are no sequence of packets
 */
export function withoutSecrets(bytes: Uint8Array): Uint8Array {
  const packets = [...readPackets(bytes)].map((packet) => writePacket(publicPacket(packet)));
  const clean = Buffer.concat(packets);
  bytes.fill(0);
  return clean;
}

function publicPacket(packet: Packet): Packet {
  if (!isSecretKey(packet)) return packet;
  const tag = packet.tag === packetTag.secretKey ? packetTag.publicKey : packetTag.publicSubkey;
  return { tag, body: publicBody(packet) ?? UNKNOWN_KEY };
}

function publicBody(packet: Packet): Uint8Array | undefined {
  try {
    return parseKeyPacket(packet)?.body;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

const UNKNOWN_KEY = Uint8Array.of(0);
