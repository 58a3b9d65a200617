import { encodeHex } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { isPrimaryKey, isSubkey, parseKeyPacket, type KeyPacket } from './key-packet.ts';
import { packetTag, readPackets, type Packet } from './packets.ts';
import { parseSignaturePacket, signatureType, type SignaturePacket } from './signature-packet.ts';

/**
 * A certificate ("public key" in everyday words): a primary key, and what is bound to it. Nothing in it is
 * verified. User attributes (photos), ring trust and packets of unknown kind are left out. RFC 9580 10.1.
 */
export interface Certificate {
  readonly primary: KeyPacket;
  /** What follows the primary key: direct-key signatures, key revocations. */
  readonly signatures: readonly SignaturePacket[];
  readonly userIds: readonly UserId[];
  readonly subkeys: readonly Subkey[];
}

export interface UserId {
  /** As it stands in the packet, which need not be UTF-8. */
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly signatures: readonly SignaturePacket[];
}

export interface Subkey {
  readonly key: KeyPacket;
  readonly signatures: readonly SignaturePacket[];
}

/**
 * The certificates in a sequence of packets, as in a binary keyring. Keys that do not parse or
 * are of versions other than 4 and 6 are skipped with all that belongs to them; so are such signatures.
 * @throws MalformedError if the bytes are no sequence of packets or hold anything before the first key
 */
export function readCertificates(bytes: Uint8Array): Certificate[] {
  const certificates: Certificate[] = [];
  let reader: CertificateReader | undefined;
  for (const packet of readPackets(bytes)) {
    if (isPrimaryKey(packet)) {
      if (reader?.certificate) certificates.push(reader.certificate);
      reader = new CertificateReader(packet);
    } else if (reader === undefined)
      throw new MalformedError(`expected an OpenPGP key, found a packet of type ${packet.tag}`);
    else reader.add(packet);
  }
  if (reader?.certificate) certificates.push(reader.certificate);
  return certificates;
}

/** One certificate of all that copies of it hold; each user ID, subkey and signature once. */
export function mergeCertificates(copies: readonly [Certificate, ...Certificate[]]): Certificate {
  const [first] = copies;
  return {
    primary: first.primary,
    signatures: mergeSignatures(copies),
    userIds: groupBy(
      copies.flatMap((copy) => copy.userIds),
      ({ bytes }) => encodeHex(bytes),
    ).map((same) => ({
      ...same[0],
      signatures: mergeSignatures(same),
    })),
    subkeys: groupBy(
      copies.flatMap((copy) => copy.subkeys),
      ({ key }) => key.fingerprint,
    ).map((same) => ({
      ...same[0],
      signatures: mergeSignatures(same),
    })),
  };
}

/** Primary key and subkeys. */
export function keysOf(certificate: Certificate): KeyPacket[] {
  return [certificate.primary, ...certificate.subkeys.map(({ key }) => key)];
}

/** The e-mail address of a user ID: `Name <address>`, or the address alone. RFC 9580 5.11. */
export function emailOf(userId: string): string | undefined {
  return /<([^<>@\s]+@[^<>@\s]+)>$/.exec(userId)?.[1] ?? /^[^<>@\s]+@[^<>@\s]+$/.exec(userId)?.[0];
}

class CertificateReader {
  /** `undefined` when the primary key is of an unknown kind. */
  readonly certificate: Certificate | undefined;
  readonly #userIds: UserId[] = [];
  readonly #subkeys: Subkey[] = [];
  readonly #ofPrimary: SignaturePacket[] = [];
  /** Where the next signature belongs. */
  #signatures = this.#ofPrimary;

  constructor(packet: Packet) {
    const primary = tolerate(() => parseKeyPacket(packet));
    if (primary !== undefined)
      this.certificate = {
        primary,
        signatures: this.#ofPrimary,
        userIds: this.#userIds,
        subkeys: this.#subkeys,
      };
  }

  add(packet: Packet): void {
    if (packet.tag === packetTag.signature) {
      const signature = tolerate(() => parseSignaturePacket(packet.body));
      // A revocation of the whole key may have been put behind anything.
      if (signature?.type === signatureType.keyRevocation) this.#ofPrimary.push(signature);
      else if (signature !== undefined) this.#signatures.push(signature);
    } else if (packet.tag === packetTag.userId) {
      this.#userIds.push({
        bytes: packet.body,
        text: new TextDecoder().decode(packet.body),
        signatures: this.#open(),
      });
    } else if (isSubkey(packet)) {
      const signatures = this.#open();
      const key = tolerate(() => parseKeyPacket(packet));
      if (key !== undefined) this.#subkeys.push({ key, signatures });
    } else if (packet.tag === packetTag.userAttribute) this.#open();
  }

  #open(): SignaturePacket[] {
    this.#signatures = [];
    return this.#signatures;
  }
}

function tolerate<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function mergeSignatures(holders: readonly { signatures: readonly SignaturePacket[] }[]): SignaturePacket[] {
  const signatures = holders.flatMap((holder) => holder.signatures);
  return groupBy(signatures, ({ body }) => encodeHex(body)).map(([signature]) => signature);
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
