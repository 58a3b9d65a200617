import { InputError, MalformedError } from '../errors.ts';
import { mergeCertificates, readCertificates, type Certificate } from '../openpgp/certificate.ts';
import { keyIdOf } from '../openpgp/key-packet.ts';
import { packetAt } from '../openpgp/packets.ts';
import { isIssuedBy, parseSignaturePacket, type SignaturePacket } from '../openpgp/signature-packet.ts';
import type { Issuer } from '../provenance/provenance.ts';
import type { PossibleSigner } from '../provenance/verify.ts';
import { scanKeyFile } from './key-file.ts';
import type { Ring } from './scan.ts';
import { copiesIn, copiesOf, holdersOf, type Copy } from './search.ts';

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
  readonly #sourceOf = new Map<Ring, KeyringSource>();
  /** Revocations that stand alone. */
  readonly #revocations: readonly SignaturePacket[];

  constructor(sources: readonly KeyringSource[]) {
    const counts = new Map(sources.map((source) => [nameOf(source), 0]));
    for (const source of sources)
      for (const ring of naming(source, () => scanKeyFile(source.bytes))) {
        this.#sourceOf.set(ring, source);
        counts.set(nameOf(source), (counts.get(nameOf(source)) ?? 0) + ring.certificates.length);
      }
    this.places = [...counts].map(([place, keys]) => ({ place, keys }));
    this.#rings = [...this.#sourceOf.keys()];
    this.#revocations = this.#rings.flatMap(({ bytes, revocations }) =>
      revocations.flatMap((place) => readRevocation(packetAt(bytes, place).body)),
    );
  }

  find(issuer: Issuer): KnownSigner[] {
    const isWanted = matcherOf(issuer);
    const isOwner = ({ certificate: { primary } }: Merged): boolean => isWanted(primary.fingerprint);
    const found = this.#holding(issuer);
    return [...found.filter(isOwner), ...found.filter((known) => !isOwner(known))].map((known) =>
      this.#withRevokers(known),
    );
  }

  all(): KnownSigner[] {
    return this.#merge(copiesIn(this.#rings)).map((known) => this.#withRevokers(known));
  }

  /** The certificates that hold a key of this name. */
  #holding(issuer: Issuer): Merged[] {
    const { fingerprint, keyId = '' } = issuer;
    const isWanted = matcherOf(issuer);
    const mentioned = fingerprint === undefined ? keyId : keyIdOf(fingerprint);
    return this.#merge(holdersOf(this.#rings, mentioned, isWanted)).flatMap((holder) => {
      const { primary } = holder.certificate;
      // A copy that lacks the subkey asked for may still hold a revocation.
      return isWanted(primary.fingerprint) ? holder : this.#merge(copiesOf(this.#rings, primary.body));
    });
  }

  #withRevokers(known: Merged): KnownSigner {
    const revokers = revokersNamedIn(known.certificate).flatMap((fingerprint) =>
      this.#holding({ fingerprint, keyId: undefined }),
    );
    return { ...known, revokers: revokers.map(({ certificate }) => certificate) };
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
      const signatures = this.#revocations.filter((revocation) => isIssuedBy(revocation, primary));
      const revoked = { primary, signatures, userIds: [], subkeys: [] };
      return { certificate: mergeCertificates([first, ...others, revoked]), place: [...places].join(', ') };
    });
  }

  #read({ ring, certificate: place }: Copy): Merged[] {
    const source = this.#sourceOf.get(ring);
    if (source === undefined) return [];
    return naming(source, () => {
      ring.check?.(place);
      const certificates = readCertificates(ring.bytes.subarray(place.start, place.end));
      return certificates.map((certificate) => ({ certificate, place: source.place }));
    });
  }
}

function nameOf({ place, folder = place }: KeyringSource): string {
  return folder;
}

/** What is done with the bytes of a file; that they are damaged becomes an error that names it. */
function naming<T>({ place }: KeyringSource, work: () => T): T {
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

function readRevocation(body: Uint8Array): SignaturePacket[] {
  try {
    return [parseSignaturePacket(body)];
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}

/** Fingerprints of designated revokers; whether a valid self-signature names them is for others to find out. */
function revokersNamedIn({ signatures, userIds }: Certificate): string[] {
  const all = [...signatures, ...userIds.flatMap((userId) => userId.signatures)];
  return [...new Set(all.flatMap(({ revocationKeys }) => revocationKeys))];
}
