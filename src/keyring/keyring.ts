import { InputError } from '../errors.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { keyIdOf, type KeyPacket } from '../openpgp/key-packet.ts';
import { UnjudgedCertificateError } from '../openpgp/unjudged-certificate.ts';
import type { Issuer } from '../provenance/provenance.ts';
import type { PossibleSigner } from '../provenance/verify.ts';
import { bytesOfCopy, primaryOfCopy } from './copy.ts';
import { mergeCopies } from './merged-copies.ts';
import type { Ring } from './scan.ts';
import { byOwner, holdersOf, inBatches, matcherOf, type Copy } from './search.ts';
import { naming, scanSource, type KeyringSource } from './source.ts';
import { StrayRevocations } from './stray-revocations.ts';

/** A certificate of the keyring, and where its copies are. */
export type KnownSigner = Required<PossibleSigner>;

/** A certificate of which a copy holds more than anybody needs, or lacks what it needs: nothing that it signs counts. */
export interface UnreadCertificate {
  readonly primary: KeyPacket;
  readonly place: string;
  readonly problem: string;
}

/** The public keys of a user, from one or several files. */
export interface Keyring {
  /** Where keys were looked for, and how many certificates are there. */
  readonly places: readonly { readonly place: string; readonly keys: number }[];
  /**
   * The certificates that hold a key of this fingerprint, or else of this key ID: first those whose primary key
   * it is. All copies of a certificate in all files are merged, so that a revocation in any of them counts.
   */
  find(issuer: Issuer): KnownSigner[];
  /** All certificates, merged, in the order of their first copies. Only a few are in memory at a time. */
  all(): Iterable<KnownSigner>;
  /** The packets of each copy of the certificate with this primary fingerprint, as they are in the files. */
  packets(fingerprint: string): Uint8Array[];
  /** The same for people: one certificate that nobody can judge hides no other. */
  listed(): Iterable<KnownSigner | UnreadCertificate>;
}

/**
 * A keyring of these files; all are scanned to their end, but nothing in them is verified.
 * @throws InputError naming the place of a file that holds no OpenPGP keys or is damaged; so does reading from it
 */
export function openKeyring(sources: readonly KeyringSource[]): Keyring {
  return new ScannedKeyring(sources);
}

/** A certificate of which all copies that were given are merged. */
type Merged = Omit<KnownSigner, 'revokers'>;

class ScannedKeyring implements Keyring {
  readonly places: Keyring['places'];
  readonly #rings: readonly Ring[];
  readonly #placeOf = new Map<Ring, string>();
  /** Those that stand alone are in no certificate. */
  #strays: StrayRevocations | undefined;
  #byOwner: ReadonlyMap<string, readonly Copy[]> | undefined;
  /** By the issuer asked for: many charts have the same. */
  readonly #found = new Map<string, KnownSigner[]>();

  constructor(sources: readonly KeyringSource[]) {
    const counts = new Map<string, number>();
    for (const source of sources) {
      const { place, folder = place } = source;
      const ring = scanSource(source);
      this.#placeOf.set(ring, place);
      counts.set(folder, (counts.get(folder) ?? 0) + ring.certificates.length);
    }
    this.places = [...counts].map(([place, keys]) => ({ place, keys }));
    this.#rings = [...this.#placeOf.keys()];
  }

  find(issuer: Issuer): KnownSigner[] {
    const name = issuer.fingerprint ?? issuer.keyId ?? '';
    const found = this.#found.get(name) ?? this.#search(issuer);
    this.#found.set(name, found);
    return found;
  }

  #search(issuer: Issuer): KnownSigner[] {
    const { fingerprint, keyId = '' } = issuer;
    const isWanted = matcherOf(issuer);
    const isOwner = ({ certificate: { primary } }: Merged): boolean => isWanted(primary.fingerprint);
    const copies = naming(this.#allPlaces, () =>
      holdersOf(this.#rings, fingerprint === undefined ? keyId : keyIdOf(fingerprint), isWanted),
    );
    const found = this.#withRevokers(this.#merge(copies));
    return [...found.filter(isOwner), ...found.filter((known) => !isOwner(known))];
  }

  *all(): Generator<KnownSigner> {
    for (const some of inBatches(this.#copies)) yield* this.#known(some, this.#copies.size);
  }

  *listed(): Generator<KnownSigner | UnreadCertificate> {
    for (const some of inBatches(this.#copies)) yield* this.#knownOrUnread(some, this.#copies.size);
  }

  #known(groups: readonly (readonly Copy[])[], among: number): KnownSigner[] {
    return this.#withRevokers(this.#merge(groups.flat(), among));
  }

  /** Tries them one by one if they cannot be read together. */
  #knownOrUnread(groups: readonly (readonly Copy[])[], among: number): (KnownSigner | UnreadCertificate)[] {
    try {
      return this.#known(groups, among);
    } catch (error) {
      const cause = error instanceof InputError ? error.cause : undefined;
      if (!(cause instanceof UnjudgedCertificateError)) throw error;
      if (groups.length > 1) return groups.flatMap((group) => this.#knownOrUnread([group], among));
      const [copy] = groups.flat();
      const primary = copy && primaryOfCopy(copy);
      if (primary === undefined) throw error;
      const places = new Set(groups.flat().map(({ ring }) => this.#placeOf.get(ring) ?? ''));
      return [{ primary, place: [...places].join(', '), problem: `${cause.message}; ${cause.hint}` }];
    }
  }

  packets(fingerprint: string): Uint8Array[] {
    return (this.#copies.get(fingerprint) ?? []).map((copy) => {
      naming(this.#placeOf.get(copy.ring) ?? '', () => copy.ring.check?.(copy.certificate));
      return bytesOfCopy(copy);
    });
  }

  /** All copies of each certificate, by the fingerprint of its owner: every key is hashed for it. */
  get #copies(): ReadonlyMap<string, readonly Copy[]> {
    this.#byOwner ??= byOwner(this.#rings);
    return this.#byOwner;
  }

  /** All revokers are looked for at once, because a certificate may name thousands. */
  #withRevokers(known: readonly Merged[]): KnownSigner[] {
    const named = new Set(known.flatMap(({ certificate }) => revokersNamedIn(certificate)));
    const revokers =
      named.size === 0 ? [] : this.#merge([...named].flatMap((name) => this.#copies.get(name) ?? []));
    const byFingerprint = new Map(
      revokers.map(({ certificate }) => [certificate.primary.fingerprint, certificate]),
    );
    return known.map((each) => ({
      ...each,
      revokers: revokersNamedIn(each.certificate).flatMap((name) => byFingerprint.get(name) ?? []),
    }));
  }

  /**
   * These copies of certificates, each certificate once, with the revocations that name its primary key.
   * @param among how many certificates are asked for in all; undefined: just these
   */
  #merge(copies: readonly Copy[], among?: number): Merged[] {
    const strays = naming(this.#allPlaces, () => (this.#strays ??= new StrayRevocations(this.#rings)));
    const found = mergeCopies(copies, ({ ring }) => this.#placeOf.get(ring) ?? '');
    const keys = found.map(({ merge: { primary } }) => primary);
    const revocations = naming(this.#allPlaces, () => strays.ofEach(keys, among));
    return found.map(({ merge, places }, index) => {
      merge.add({ signatures: [], userIds: [], subkeys: [], revocations: revocations[index] ?? [] });
      return { certificate: merge.certificate(), place: [...places].join(', ') };
    });
  }

  get #allPlaces(): string {
    return this.places.map(({ place }) => place).join(', ');
  }
}

/** Fingerprints of designated revokers; whether a valid self-signature names them is not checked here. */
function revokersNamedIn({ signatures, userIds }: Certificate): string[] {
  const all = [...signatures, ...userIds.flatMap((userId) => userId.signatures)];
  return [...new Set(all.flatMap(({ revocationKeys }) => revocationKeys))];
}
