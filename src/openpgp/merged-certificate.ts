import type { Certificate, Subkey, UserId } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import { octetText } from './octets.ts';

/** One certificate of all that copies of it hold; each user ID, subkey and signature once. */
export function mergeCertificates(copies: readonly [Certificate, ...Certificate[]]): Certificate {
  const merge = new CertificateMerge(copies[0].primary);
  for (const copy of copies) merge.add(copy);
  return merge.certificate();
}

/** Merges copies of a certificate one after the other, so that not all of them have to be in memory. */
export class CertificateMerge {
  readonly #own = new Signatures();
  readonly #userIds = new Map<string, { readonly userId: UserId; readonly held: Signatures }>();
  readonly #subkeys = new Map<string, { readonly subkey: Subkey; readonly held: Signatures }>();
  #signatures = 0;

  constructor(readonly primary: KeyPacket) {}

  /** How many signatures and revocations the copies hold, each once. */
  get signatures(): number {
    return this.#signatures;
  }

  /** Takes time linear in the copy. */
  add(copy: Omit<Certificate, 'primary'>): void {
    this.#addTo(this.#own, copy);
    for (const userId of copy.userIds) {
      const known = entryOf(this.#userIds, octetText(userId.bytes), () => ({
        userId,
        held: new Signatures(),
      }));
      this.#addTo(known.held, userId);
    }
    for (const subkey of copy.subkeys) {
      const known = entryOf(this.#subkeys, subkey.key.fingerprint, () => ({
        subkey,
        held: new Signatures(),
      }));
      this.#addTo(known.held, subkey);
    }
  }

  /** What all copies together say. */
  certificate(): Certificate {
    return {
      primary: this.primary,
      ...this.#own.lists(),
      userIds: [...this.#userIds.values()].map(({ userId, held }) => ({ ...userId, ...held.lists() })),
      subkeys: [...this.#subkeys.values()].map(({ subkey, held }) => ({ ...subkey, ...held.lists() })),
    };
  }

  #addTo(held: Signatures, more: Holder): void {
    this.#signatures += held.add(more);
  }
}

/** What holds signatures, and among them revocations. */
type Holder = Pick<Certificate, 'signatures' | 'revocations'>;

/** Signatures by their bodies. */
class Signatures {
  readonly #signatures = new Map<string, Holder['signatures'][number]>();
  readonly #revocations = new Map<string, Holder['revocations'][number]>();

  /** @returns how many of them were not known */
  add({ signatures, revocations }: Holder): number {
    const before = this.#signatures.size + this.#revocations.size;
    for (const signature of signatures) entryOf(this.#signatures, octetText(signature.body), () => signature);
    for (const each of revocations) entryOf(this.#revocations, octetText(each.body), () => each);
    return this.#signatures.size + this.#revocations.size - before;
  }

  lists(): Holder {
    return { signatures: [...this.#signatures.values()], revocations: [...this.#revocations.values()] };
  }
}

/** The entry of this key: the first one that was made. */
function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
