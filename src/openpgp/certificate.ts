import { MalformedError } from '../errors.ts';
import { isPrimaryKey, isSubkey, parseKeyPacket, type KeyPacket } from './key-packet.ts';
import { isIgnored, packetTag, readPackets, type Packet } from './packets.ts';
import { asStray, readRevocation, type RevocationPacket } from './revocation-packet.ts';
import { parseSignaturePacket, signatureType, type SignaturePacket } from './signature-packet.ts';
import { FloodedCertificateError } from './unjudged-certificate.ts';

/**
 * A certificate ("public key" in everyday words): a primary key, and what is bound to it. Nothing in it is
 * verified. User attributes (photos), ring trust and packets of unknown kind are left out. RFC 9580 10.1.
 */
export interface Certificate {
  readonly primary: KeyPacket;
  /** What follows the primary key: direct-key signatures, key revocations. */
  readonly signatures: readonly SignaturePacket[];
  /**
   * Revocations of the whole key, wherever they stand, and those of a subkey or user ID that stand behind
   * something else. Some are too odd to be among `signatures`, so whoever judges revocations looks only here.
   */
  readonly revocations: readonly RevocationPacket[];
  readonly userIds: readonly UserId[];
  readonly subkeys: readonly Subkey[];
}

export interface UserId {
  /** As it stands in the packet, which need not be UTF-8. */
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly signatures: readonly SignaturePacket[];
  readonly revocations: readonly RevocationPacket[];
}

export interface Subkey {
  readonly key: KeyPacket;
  readonly signatures: readonly SignaturePacket[];
  readonly revocations: readonly RevocationPacket[];
}

/** Whether a revocation stands anywhere in the certificate, whoever made it and whatever it is of. */
export function holdsRevocation({ revocations, userIds, subkeys }: Certificate): boolean {
  return [{ revocations }, ...userIds, ...subkeys].some((part) => part.revocations.length > 0);
}

/**
 * The certificates in a sequence of packets, as in a binary keyring. Keys that do not parse or
 * are of versions other than 4 and 6 are skipped with all that belongs to them; so are signatures that do not parse,
 * unless they revoke something.
 * @throws MalformedError if the bytes are no sequence of packets, hold anything before the first key, or more
 * certificates, or more in one of them, than anybody needs
 */
export function readCertificates(bytes: Uint8Array): Certificate[] {
  const certificates: Certificate[] = [];
  let reader: CertificateReader | undefined;
  const finish = (): void => {
    if (reader?.certificate) certificates.push(reader.certificate);
    if (certificates.length > MAX_CERTIFICATES)
      throw new MalformedError(`expected at most ${MAX_CERTIFICATES} OpenPGP keys, found more`);
  };
  for (const packet of readPackets(bytes)) {
    if (isPrimaryKey(packet)) {
      finish();
      reader = new CertificateReader(packet);
    } else if (reader !== undefined) reader.add(packet);
    else if (!isIgnored(packet))
      throw new MalformedError(`expected an OpenPGP key, found a packet of type ${packet.tag}`);
  }
  finish();
  return certificates;
}

/** Primary key and subkeys. */
export function keysOf(certificate: Certificate): KeyPacket[] {
  return [certificate.primary, ...certificate.subkeys.map(({ key }) => key)];
}

/** The e-mail address of a user ID: `Name <address>`, or the address alone. RFC 9580 5.11. */
export function emailOf(userId: string): string | undefined {
  const address = userId.endsWith('>') ? userId.slice(userId.lastIndexOf('<') + 1, -1) : userId;
  return /^[^<>@\s]+@[^<>@\s]+$/.test(address) ? address : undefined;
}

const MAX_CERTIFICATES = 1000;
/** A key that many people certified has some thousands of signatures by them. */
const MOST = {
  'user IDs': 1000,
  'octets of user IDs': 1024 * 1024,
  subkeys: 1000,
  signatures: 10_000,
} as const;

class CertificateReader {
  /** `undefined` when the primary key is of an unknown kind. */
  readonly certificate: Certificate | undefined;
  readonly #userIds: UserId[] = [];
  readonly #subkeys: Subkey[] = [];
  readonly #ofPrimary = new Holder();
  /** Where the next signature belongs. */
  #holder = this.#ofPrimary;
  readonly #counts = { 'user IDs': 0, 'octets of user IDs': 0, subkeys: 0, signatures: 0 };

  constructor(packet: Packet) {
    const primary = tolerate(() => parseKeyPacket(packet));
    if (primary !== undefined)
      this.certificate = {
        primary,
        ...contentOf(this.#ofPrimary),
        userIds: this.#userIds,
        subkeys: this.#subkeys,
      };
  }

  /** @throws FloodedCertificateError when there are too many of a kind */
  add(packet: Packet): void {
    if (packet.tag === packetTag.signature) {
      this.#count('signatures');
      this.#addSignature(packet.body);
    } else if (packet.tag === packetTag.userId) {
      this.#count('user IDs');
      this.#count('octets of user IDs', packet.body.length);
      const { body: bytes } = packet;
      this.#userIds.push({ bytes, text: utf8.decode(bytes), ...contentOf(this.#open(userIdRevocation)) });
    } else if (isSubkey(packet)) {
      this.#count('subkeys');
      const key = tolerate(() => parseKeyPacket(packet));
      // If the subkey cannot be read, it is left out, but not the revocations behind it.
      const holder = this.#open(key ? subkeyRevocation : NOTHING);
      if (key !== undefined) this.#subkeys.push({ key, ...contentOf(holder) });
    } else if (packet.tag === packetTag.userAttribute) this.#open(PHOTO);
  }

  /** A revocation may stand behind something that it cannot revoke: then it is kept with the primary key. */
  #addSignature(body: Uint8Array): void {
    const revocation = readRevocation(body);
    const signature = tolerate(() => parseSignaturePacket(body));
    const type = revocation?.type ?? signature?.type;
    if (revocation)
      if (type === this.#holder.revokedBy) this.#holder.revocations.push(revocation);
      else {
        const isOfPhoto = this.#holder.revokedBy === PHOTO && type === userIdRevocation;
        this.#ofPrimary.revocations.push(isOfPhoto ? asStray(revocation) : revocation);
      }
    if (signature)
      (type === signatureType.keyRevocation ? this.#ofPrimary : this.#holder).signatures.push(signature);
  }

  #open(revokedBy: number): Holder {
    this.#holder = new Holder(revokedBy);
    return this.#holder;
  }

  #count(what: keyof typeof MOST, more = 1): void {
    if ((this.#counts[what] += more) > MOST[what])
      throw new FloodedCertificateError(
        `the key ${this.certificate?.primary.fingerprint ?? '(of an unknown kind)'} has more than ${MOST[what]} ${what}`,
      );
  }
}

/** The signatures behind one packet, and the type of those that revoke what is in it. */
class Holder {
  readonly signatures: SignaturePacket[] = [];
  readonly revocations: RevocationPacket[] = [];

  constructor(readonly revokedBy: number = signatureType.keyRevocation) {}
}

function contentOf({ signatures, revocations }: Holder): Pick<Holder, 'signatures' | 'revocations'> {
  return { signatures, revocations };
}

/** In place of the type of a signature: every revocation that stands there revokes something else. */
const NOTHING = -1;
/** A revocation behind a photo most likely revokes the photo, but may revoke a user ID. */
const PHOTO = -2;
const userIdRevocation = signatureType.certificationRevocation;
const subkeyRevocation = signatureType.subkeyRevocation;

const utf8 = new TextDecoder();

function tolerate<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
