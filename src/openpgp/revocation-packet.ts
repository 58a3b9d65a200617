import { keyIdOf, type KeyPacket } from './key-packet.ts';
import { isOldVersion, readRevocationContent, type RevocationContent } from './revocation-content.ts';
import { signatureType } from './signature-packet.ts';

/**
 * A signature packet that revokes something, read no further than is needed to find out whether it counts. It takes
 * trust away, so nothing that is not signed may make it unreadable, or exclude a key that may have made it: that
 * would let anybody who passes a key on drop its revocation. What gives trust is read by `parseSignaturePacket`.
 */
export interface RevocationPacket {
  readonly type: RevocationType;
  readonly body: Uint8Array;
  /** `undefined` if the packet is of an unknown version, or is cut: nobody can tell whether it is good. */
  readonly content: RevocationContent | undefined;
  /** It was found elsewhere, and may be of something else: it counts only if it verifies. */
  readonly isStray?: boolean;
}

export type RevocationType =
  | typeof signatureType.keyRevocation
  | typeof signatureType.subkeyRevocation
  | typeof signatureType.certificationRevocation;

/** The revocation in the body of a signature packet; `undefined` if it is a signature of another type. RFC 9580 5.2. */
export function readRevocation(body: Uint8Array): RevocationPacket | undefined {
  const type = revocationTypeOf(body);
  return type === undefined ? undefined : new FoundRevocation(type, body);
}

/** The same revocation as a stray: it may be of something else than what it stands behind. */
export function asStray(revocation: RevocationPacket): RevocationPacket {
  return new StrayRevocation(revocation);
}

/** What a signature packet revokes, by the first octets of its body, in any version; `undefined`: nothing. */
export function revocationTypeOf(bytes: Uint8Array, bodyAt = 0): RevocationType | undefined {
  const type = bytes[bodyAt + (isOldVersion(bytes[bodyAt]) ? 2 : 1)];
  return revocationTypes.find((known) => known === type);
}

/** Whether the key may have made the revocation: its signed part names this key, or no key at all. */
export function mayBeBy({ content }: RevocationPacket, { fingerprint, keyId }: IssuerNames): boolean {
  const issuers = content?.issuers ?? [];
  return issuers.length === 0 || issuers.includes(fingerprint) || issuers.includes(keyId);
}

/** Whether the revocation says, signed or not, that this key made it. */
export function namesKey({ content }: RevocationPacket, { fingerprint, keyId }: IssuerNames): boolean {
  const names = [...(content?.issuers ?? []), ...(content?.hints ?? [])];
  return names.includes(fingerprint) || names.includes(keyId);
}

/** How signatures name a key. */
export type IssuerNames = Pick<KeyPacket, 'fingerprint' | 'keyId'>;

/** The names of the key with this fingerprint. */
export function namesOf(fingerprint: string): IssuerNames {
  return { fingerprint, keyId: keyIdOf(fingerprint) };
}

/** Classes, because ten thousand objects with a getter of their own each take ten times as long to make. */
class FoundRevocation implements RevocationPacket {
  #isRead = false;
  #content: RevocationContent | undefined;

  constructor(
    readonly type: RevocationType,
    readonly body: Uint8Array,
  ) {}

  /** Read only when it is asked for, as most are never looked at. */
  get content(): RevocationContent | undefined {
    if (!this.#isRead) this.#content = readRevocationContent(this.body);
    this.#isRead = true;
    return this.#content;
  }
}

class StrayRevocation implements RevocationPacket {
  readonly type: RevocationType;
  readonly body: Uint8Array;
  readonly isStray = true;
  readonly #found: RevocationPacket;

  constructor(found: RevocationPacket) {
    this.type = found.type;
    this.body = found.body;
    this.#found = found;
  }

  get content(): RevocationContent | undefined {
    return this.#found.content;
  }
}

const revocationTypes = [
  signatureType.keyRevocation,
  signatureType.subkeyRevocation,
  signatureType.certificationRevocation,
] as const;
