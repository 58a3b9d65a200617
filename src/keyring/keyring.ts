import { InputError, MalformedError } from '../errors.ts';
import { mergeCertificates, readCertificates, type Certificate } from '../openpgp/certificate.ts';
import { keyIdOf } from '../openpgp/key-packet.ts';
import { packetAt } from '../openpgp/packets.ts';
import {
  isIssuedBy,
  issuerKeyIdOf,
  parseSignaturePacket,
  type SignaturePacket,
} from '../openpgp/signature-packet.ts';
import type { Issuer } from '../provenance/provenance.ts';
import type { PossibleSigner } from '../provenance/verify.ts';
import { scanKeyFile } from './key-file.ts';
import type { Ring } from './scan.ts';
import { copiesIn, holdersOf, ownersOf, type Copy } from './search.ts';

/** The bytes of a file of keys, and how to call it in messages. */
export interface KeyringSource {
  readonly place: string;
  readonly bytes: Uint8Array;
  /** The folder that the user named, if it is one file of several. */
  readonly folder?: string;
}

/** A certificate of the keyring, and where its copies are. */
export type KnownSigner = Required<PossibleSigner>;

/** The public keys of a user, from one or several files. */
export interface Keyring {
  /** Where keys were looked for, and how many certificates are there. */
  readonly places: readonly { readonly place: string; readonly keys: number }[];
  /**
   * The certificates that hold a key of this fingerprint, or else of this key ID: first those whose primary key
   * it is. All copies of a certificate in all files are merged, so that a revocation in any of them counts.
   */
  find(issuer: Issuer): KnownSigner[];
  /** All certificates, each merged from its copies, in the order of their first copies. */
  all(): KnownSigner[];
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
  /** By the key ID of their issuer. Those that stand alone are in no certificate. */
  readonly #revocations: ReadonlyMap<string, readonly SignaturePacket[]>;
  /** By the issuer asked for: many charts have the same. */
  readonly #found = new Map<string, KnownSigner[]>();

  constructor(sources: readonly KeyringSource[]) {
    const counts = new Map(sources.map((source) => [nameOf(source), 0]));
    for (const source of sources) {
      const ring = naming(source.place, () => scanKeyFile(source.bytes));
      this.#placeOf.set(ring, source.place);
      counts.set(nameOf(source), (counts.get(nameOf(source)) ?? 0) + ring.certificates.length);
    }
    this.places = [...counts].map(([place, keys]) => ({ place, keys }));
    this.#rings = [...this.#placeOf.keys()];
    this.#revocations = revocationsIn(this.#rings);
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
    const places = this.places.map(({ place }) => place).join(', ');
    const copies = naming(places, () =>
      holdersOf(this.#rings, fingerprint === undefined ? keyId : keyIdOf(fingerprint), isWanted),
    );
    const found = this.#withRevokers(this.#merge(copies));
    return [...found.filter(isOwner), ...found.filter((known) => !isOwner(known))];
  }

  all(): KnownSigner[] {
    return this.#withRevokers(this.#merge(copiesIn(this.#rings)));
  }

  /** All revokers are looked for at once, because a certificate may name thousands. */
  #withRevokers(known: readonly Merged[]): KnownSigner[] {
    const named = new Set(known.flatMap(({ certificate }) => revokersNamedIn(certificate)));
    const revokers = named.size === 0 ? [] : this.#merge(ownersOf(this.#rings, named));
    const byFingerprint = new Map(
      revokers.map(({ certificate }) => [certificate.primary.fingerprint, certificate]),
    );
    return known.map((each) => ({
      ...each,
      revokers: revokersNamedIn(each.certificate).flatMap((name) => byFingerprint.get(name) ?? []),
    }));
  }

  /** These copies of certificates, each certificate once, with the revocations that name its primary key. */
  #merge(copies: readonly Copy[]): Merged[] {
    const byPrimary = new Map<string, { copies: [Certificate, ...Certificate[]]; places: Set<string> }>();
    for (const { certificate, place } of copies.flatMap((copy) => this.#read(copy))) {
      const known = byPrimary.get(certificate.primary.fingerprint);
      known?.copies.push(certificate);
      known?.places.add(place);
      if (!known)
        byPrimary.set(certificate.primary.fingerprint, { copies: [certificate], places: new Set([place]) });
    }
    return [...byPrimary.values()].map(({ copies: [first, ...others], places }) => {
      const { primary } = first;
      const revocations = this.#revocations.get(primary.keyId) ?? [];
      const signatures = revocations.filter((revocation) => isIssuedBy(revocation, primary));
      const revoked = { primary, signatures, userIds: [], subkeys: [] };
      return { certificate: mergeCertificates([first, ...others, revoked]), place: [...places].join(', ') };
    });
  }

  #read({ ring, certificate: place }: Copy): Merged[] {
    const source = this.#placeOf.get(ring) ?? '';
    return naming(source, () => {
      ring.check?.(place);
      const certificates = readCertificates(ring.bytes.subarray(place.start, place.end));
      return certificates.map((certificate) => ({ certificate, place: source }));
    });
  }
}

function nameOf({ place, folder = place }: KeyringSource): string {
  return folder;
}

/** What is done with the bytes of a file; that they are damaged becomes an error that names it. */
function naming<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MalformedError)
      throw new InputError(`cannot read the keys in ${place}: ${error.message}`, undefined, { cause: error });
    throw error;
  }
}

/** Whether a key of some fingerprint is the issuer. */
function matcherOf({ fingerprint, keyId }: Issuer): (candidate: string) => boolean {
  if (fingerprint !== undefined) return (candidate) => candidate === fingerprint;
  return (candidate) => keyIdOf(candidate) === keyId;
}

function revocationsIn(rings: readonly Ring[]): Map<string, SignaturePacket[]> {
  const found = new Map<string, SignaturePacket[]>();
  for (const { bytes, revocations } of rings)
    for (const place of revocations) {
      const revocation = readRevocation(packetAt(bytes, place).body);
      const issuer = revocation && issuerKeyIdOf(revocation);
      if (revocation === undefined || issuer === undefined) continue;
      const others = found.get(issuer);
      if (others === undefined) found.set(issuer, [revocation]);
      else others.push(revocation);
    }
  return found;
}

function readRevocation(body: Uint8Array): SignaturePacket | undefined {
  try {
    return parseSignaturePacket(body);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** Fingerprints of designated revokers; whether a valid self-signature names them is for others to find out. */
function revokersNamedIn({ signatures, userIds }: Certificate): string[] {
  const all = [...signatures, ...userIds.flatMap((userId) => userId.signatures)];
  return [...new Set(all.flatMap(({ revocationKeys }) => revocationKeys))];
}
