import { InputError, MalformedError } from '../errors.ts';
import { keysOf, mergeCertificates, readCertificates, type Certificate } from '../openpgp/certificate.ts';
import { keyIdOf } from '../openpgp/key-packet.ts';
import { isIssuedBy, parseSignaturePacket, type SignaturePacket } from '../openpgp/signature-packet.ts';
import type { Issuer } from '../provenance/provenance.ts';
import type { PossibleSigner } from '../provenance/verify.ts';
import { scanKeyFile } from './key-file.ts';
import type { Scan, ScannedCertificate } from './scan.ts';

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
 * @throws InputError naming the place of a file that holds no OpenPGP keys or is damaged
 */
export function openKeyring(sources: readonly KeyringSource[]): Keyring {
  const scans = sources.map((source) => ({ ...source, ...scanSource(source) }));
  const copiesOf = (wanted: (copy: ScannedCertificate) => boolean): Copy[] =>
    scans.flatMap(({ place, certificates }) =>
      certificates.filter(wanted).map((scanned) => ({ place, scanned })),
    );
  const standalone = scans.flatMap(({ revocations }) => revocations.flatMap(readRevocation));

  const assemble = (primary: string, copies: readonly Copy[]): KnownSigner[] => {
    const certificate = merge(primary, copies, standalone);
    if (certificate === undefined) return [];
    const place = [...new Set(copies.map((copy) => copy.place))].join(', ');
    const revokers = revokersNamedIn(certificate).flatMap(
      (revoker) => merge(revoker, copiesOf(hasPrimary(revoker)), standalone) ?? [],
    );
    return [{ certificate, place, revokers }];
  };

  return {
    places: countKeys(scans),
    find(issuer) {
      const isWanted = matcherOf(issuer);
      const isHolder = ({ primary, subkeys }: ScannedCertificate): boolean =>
        isWanted(primary) || subkeys.some(isWanted);
      const primaries = [...new Set(copiesOf(isHolder).map(({ scanned }) => scanned.primary))];
      return [...primaries.filter(isWanted), ...primaries.filter((primary) => !isWanted(primary))]
        .flatMap((primary) => assemble(primary, copiesOf(hasPrimary(primary))))
        .filter(({ certificate }) => keysOf(certificate).some(({ fingerprint }) => isWanted(fingerprint)));
    },
    all() {
      const byPrimary = new Map<string, Copy[]>();
      for (const copy of copiesOf(() => true)) {
        const same = byPrimary.get(copy.scanned.primary);
        if (same === undefined) byPrimary.set(copy.scanned.primary, [copy]);
        else same.push(copy);
      }
      return [...byPrimary].flatMap(([primary, copies]) => assemble(primary, copies));
    },
  };
}

interface Copy {
  readonly place: string;
  readonly scanned: ScannedCertificate;
}

function scanSource({ place, bytes }: KeyringSource): Scan {
  try {
    return scanKeyFile(bytes);
  } catch (error) {
    if (error instanceof MalformedError)
      throw new InputError(`cannot read the keys in ${place}: ${error.message}`, undefined, { cause: error });
    throw error;
  }
}

function countKeys(scans: readonly (KeyringSource & Scan)[]): { place: string; keys: number }[] {
  const counts = new Map<string, number>();
  for (const { place, folder = place, certificates } of scans)
    counts.set(folder, (counts.get(folder) ?? 0) + certificates.length);
  return [...counts].map(([place, keys]) => ({ place, keys }));
}

function hasPrimary(fingerprint: string): (copy: ScannedCertificate) => boolean {
  return ({ primary }) => primary === fingerprint;
}

/** Whether a key of some fingerprint is the issuer. */
function matcherOf({ fingerprint, keyId }: Issuer): (candidate: string) => boolean {
  if (fingerprint !== undefined) return (candidate) => candidate === fingerprint;
  return (candidate) => keyIdOf(candidate) === keyId;
}

/** All copies of a certificate as one, with the revocations that stand alone somewhere and name its primary key. */
function merge(
  fingerprint: string,
  copies: readonly Copy[],
  standalone: readonly SignaturePacket[],
): Certificate | undefined {
  const [first, ...others] = copies
    .flatMap(({ scanned: { bytes, start, end } }) => readCertificates(bytes.subarray(start, end)))
    // A keybox may say of a certificate that it is another.
    .filter(({ primary }) => primary.fingerprint === fingerprint);
  if (first === undefined) return undefined;
  const signatures = standalone.filter((revocation) => isIssuedBy(revocation, first.primary));
  return mergeCertificates([
    first,
    ...others,
    { primary: first.primary, signatures, userIds: [], subkeys: [] },
  ]);
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
