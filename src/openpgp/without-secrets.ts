import { MalformedError } from '../errors.ts';
import { isSecretKey, parseKeyPacket } from './key-packet.ts';
import { packetAt, PacketCursor, packetTag, writePacket, type Packet } from './packets.ts';

/**
 * The packets, with public keys in place of secret ones. The given bytes are overwritten, so that secrets are
 * in memory no longer than it takes to read past them. A secret key whose public part cannot be told from the
 * rest becomes a key of an unknown version, which readers skip.
 * @throws MalformedError if the bytes are no sequence of packets
 */
export function withoutSecrets(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const cursor = new PacketCursor(bytes);
  let publicAt = 0;
  for (let at = 0; cursor.next(); at = cursor.end) {
    if (!isSecretKey(cursor)) continue;
    parts.push(bytes.subarray(publicAt, at), writePacket(publicPacket(packetAt(bytes, cursor))));
    publicAt = cursor.end;
  }
  const clean = Buffer.concat([...parts, bytes.subarray(publicAt)]);
  bytes.fill(0);
  return clean;
}

function publicPacket(packet: Packet): Packet {
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
