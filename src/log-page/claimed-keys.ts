import { MalformedError } from '../errors.ts';
import { PacketCursor, packetAt, packetTag } from '../openpgp/packets.ts';
import { foreignUtf8 } from './foreign-text.ts';

/** What the packets of a key say of it. Nobody has verified that. */
export interface ClaimedKey {
  /** The body of the packet of the primary key. RFC 9580 5.5.2. */
  readonly body: Uint8Array;
  /** The first user IDs, made safe to show. */
  readonly userIds: readonly string[];
  readonly userIdsNotShown: number;
}

/** What packets say: the first keys, and how many more there are. */
export interface ClaimedKeys {
  readonly keys: readonly ClaimedKey[];
  readonly notShown: number;
  /** Whether there is a secret key among them. */
  readonly areSecret: boolean;
}

/**
 * The keys in packets, read as far as they are shown: primary keys and their user IDs. No signature is looked at.
 * @throws MalformedError if it is no sequence of packets, or a longer one than any log takes
 */
export function claimedKeys(packets: Uint8Array): ClaimedKeys {
  const keys: { body: Uint8Array; userIds: string[]; userIdsNotShown: number }[] = [];
  let [all, primaries, areSecret] = [0, 0, false];
  for (const cursor = new PacketCursor(packets); cursor.next();) {
    const { tag } = cursor;
    if (++all > MOST_PACKETS)
      throw new MalformedError(`expected at most ${MOST_PACKETS} packets, found more`);
    if (tag === packetTag.secretKey || tag === packetTag.secretSubkey) areSecret = true;
    if (tag === packetTag.publicKey && ++primaries <= MOST_KEYS)
      keys.push({ body: packetAt(packets, cursor).body, userIds: [], userIdsNotShown: 0 });
    const key = primaries <= MOST_KEYS ? keys.at(-1) : undefined;
    if (tag !== packetTag.userId || key === undefined) continue;
    if (key.userIds.length < MOST_USER_IDS) key.userIds.push(foreignUtf8(packetAt(packets, cursor).body));
    else key.userIdsNotShown++;
  }
  return { keys, notShown: Math.max(primaries - MOST_KEYS, 0), areSecret };
}

/** No log takes keys of more packets. */
const MOST_PACKETS = 10_000;
const MOST_KEYS = 5;
const MOST_USER_IDS = 5;

/**
 * The fingerprint of a key in upper-case hexadecimal digits. RFC 9580 5.5.4. Undefined if it is neither of version 4 nor 6,
 * or the browser does not hash, which it does on https and on loopback only.
 * @param body of the packet
 */
export async function fingerprintShown(body: Uint8Array): Promise<string | undefined> {
  const version = body[0];
  if ((version !== 4 && version !== 6) || !isHashing()) return undefined;
  const head = new Uint8Array(version === 4 ? 3 : 5);
  head[0] = version === 4 ? 0x99 : 0x9b;
  for (let at = 1; at < head.length; at++)
    head[at] = Math.floor(body.length / 256 ** (head.length - 1 - at)) % 256;
  const hashed = new Uint8Array([...head, ...body]);
  return hexOf(await crypto.subtle.digest(version === 4 ? 'SHA-1' : 'SHA-256', hashed)).toUpperCase();
}

/** Whether the browser hashes: it does so on https and on loopback only. */
export function isHashing(): boolean {
  return 'subtle' in crypto;
}

/** Lower-case hexadecimal digits of bytes. */
export function hexOf(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (octet) => octet.toString(16).padStart(2, '0')).join('');
}
