import { MalformedError } from '../errors.ts';
import { parseKeyPacket, type KeyPacket } from '../openpgp/key-packet.ts';
import { packetAt, type PacketPlace } from '../openpgp/packets.ts';
import { asStray, namesKey, readRevocation, type RevocationPacket } from '../openpgp/revocation-packet.ts';
import { seemsOver } from '../openpgp/signed-object.ts';
import type { CertificatePlace, Ring } from './scan.ts';

/**
 * The revocations of some rings that may be of another key than the one they stand behind, or that stand
 * alone, as `gpg --gen-revoke` writes them. The signed part of such a packet need not name its key: then it
 * is tried with each key that somebody asks for.
 */
export class StrayRevocations {
  /** By the fingerprints and key IDs that are signed in them. */
  readonly #named = new Map<string, RevocationPacket[]>();
  readonly #nameless: RevocationPacket[] = [];

  /** @throws MalformedError on more revocations than anybody needs, and on one that stands alone and cannot be read */
  constructor(rings: readonly Ring[]) {
    let count = 0;
    for (const ring of rings)
      for (const place of ring.revocations) {
        if (++count > MAX_REVOCATIONS)
          throw new MalformedError(`expected at most ${MAX_REVOCATIONS} key revocations, found more`);
        this.#add(ring, place);
      }
  }

  /**
   * For each of these keys the revocations that may be of it.
   * @param among how many keys are asked about in all
   * @throws MalformedError if so many name no key that it would take long to try each with each key
   */
  ofEach(keys: readonly KeyPacket[], among = keys.length): RevocationPacket[][] {
    if (among * this.#nameless.length > MAX_TRIES)
      throw new MalformedError(
        `${this.#nameless.length} key revocations do not say of which key they are, too many for ${among} keys`,
      );
    return keys.map((key) => [
      ...(this.#named.get(key.fingerprint) ?? []),
      ...(this.#named.get(key.keyId) ?? []),
      ...this.#nameless.map((each) => (namesKey(each, key) ? each : asStray(each))),
    ]);
  }

  #add(ring: Ring, place: PacketPlace): void {
    const revocation = readRevocation(packetAt(ring.bytes, place).body);
    if (revocation === undefined) return;
    const owner = ownerOf(ring, place);
    const { content } = revocation;
    if (content === undefined) {
      // Behind a key it counts for that key.
      if (owner === undefined) throw new MalformedError('a key revocation that stands alone cannot be read');
    } else if (content.issuers.length === 0) {
      const primary = owner && primaryOf(ring, owner);
      if (primary === undefined || !seemsOver(content, { primary })) this.#nameless.push(revocation);
    } else
      for (const name of new Set(content.issuers)) {
        const others = this.#named.get(name);
        if (others === undefined) this.#named.set(name, [revocation]);
        else others.push(revocation);
      }
  }
}

/** A Linux distribution has for all its developers some hundreds. */
const MAX_REVOCATIONS = 10_000;
const MAX_TRIES = 10_000;

/** The certificate in which the packet stands. */
function ownerOf({ certificates }: Ring, { bodyAt }: PacketPlace): CertificatePlace | undefined {
  let from = 0;
  let to = certificates.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((certificates[middle]?.start ?? 0) <= bodyAt) from = middle + 1;
    else to = middle;
  }
  const before = certificates[from - 1];
  return before !== undefined && bodyAt < before.end ? before : undefined;
}

function primaryOf({ bytes }: Ring, { keys: [place] }: CertificatePlace): KeyPacket | undefined {
  try {
    return parseKeyPacket(packetAt(bytes, place));
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
