import { isPrimaryKey, isSubkey } from './key-packet.ts';
import { octetText } from './octets.ts';
import { packetTag, readPackets, writePacket, type Packet } from './packets.ts';

/**
 * The packets of one certificate with all that its copies hold, for a file that is to keep it whole: each packet as it
 * was, behind what it stood behind, and each once there. So a reader finds what it would find in all copies together,
 * also in packets that this program does not understand. What has no meaning in any place (trust, markers, padding) is
 * left out. Merging the result with one of its copies gives the same bytes.
 * @param copies each begins with the primary key; none has secret parts
 * @param revocations bodies of signature packets of the primary key that came apart from it
 * @throws MalformedError if a copy is no sequence of packets
 */
export function mergePackets(
  copies: readonly Uint8Array[],
  revocations: readonly Uint8Array[] = [],
): Uint8Array {
  const parts = new Map<string, Part>();
  let present: Part | undefined;
  for (const copy of copies)
    for (const packet of readPackets(copy))
      if (packet.tag === packetTag.signature) present?.signatures.set(octetText(packet.body), packet);
      else if (rankOf(packet) !== undefined) present = openPart(parts, packet);
  const all = [...parts.values()];
  for (const body of revocations) {
    const name = octetText(body);
    if (!all.some(({ signatures }) => signatures.has(name)))
      all[0]?.signatures.set(name, { tag: packetTag.signature, body });
  }
  // The order that every reader of keys knows. RFC 9580 10.1.
  all.sort((a, b) => (rankOf(a.head) ?? 0) - (rankOf(b.head) ?? 0));
  return Buffer.concat(
    all.flatMap(({ head, signatures }) => [head, ...signatures.values()].map(writePacket)),
  );
}

/** A packet that signatures stand behind, and these. */
interface Part {
  readonly head: Packet;
  readonly signatures: Map<string, Packet>;
}

function openPart(parts: Map<string, Part>, head: Packet): Part {
  const name = `${head.tag} ${octetText(head.body)}`;
  const known = parts.get(name);
  if (known !== undefined) return known;
  const part = { head, signatures: new Map<string, Packet>() };
  parts.set(name, part);
  return part;
}

/** Where packets of its kind stand in a certificate; `undefined`: nothing stands behind such a packet. */
function rankOf(packet: Packet): number | undefined {
  if (isPrimaryKey(packet)) return 0;
  if (packet.tag === packetTag.userId || packet.tag === packetTag.userAttribute) return 1;
  return isSubkey(packet) ? 2 : undefined;
}
