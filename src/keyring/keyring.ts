import { InputError, MalformedError } from '../errors.ts';
import { mergeCertificates, readCertificates, type Certificate } from '../openpgp/certificate.ts';
import type { KeyIdentity } from '../openpgp/key-packet.ts';
import type { Issuer } from '../provenance/provenance.ts';
import type { PossibleSigner } from '../provenance/verify.ts';
import { keyPackets } from './key-file.ts';
import { scanCertificates, type ScannedCertificate } from './scan.ts';

/** A file of keys, and how to call it in messages. */
export interface KeyringSource {
  readonly place: string;
  readonly bytes: Uint8Array;
}

/** A certificate of the keyring that holds a key asked for. */
interface Candidate extends PossibleSigner {
  /** Where its copies are. */
  readonly place: string;
}

/** The public keys of a user, from one or several files. */
export interface Keyring {
  /** Where keys were looked for, and how many certificates are there. */
  readonly places: readonly { readonly place: string; readonly keys: number }[];
  /**
   * The certificates that hold a key of this fingerprint, or else of this key ID: first those whose primary key
   * it is. All copies of a certificate in all files are merged, so that a revocation in any of them counts.
   */
  find(issuer: Issuer): Candidate[];
  /** The certificate with this primary fingerprint. */
  keyWith(fingerprint: string): Certificate | undefined;
}

/**
 * A keyring of these files; all are scanned to their end, but nothing in them is verified.
 * @throws InputError naming the place of a file that holds no OpenPGP keys or is damaged
 */
export function openKeyring(sources: readonly KeyringSource[]): Keyring {
  const copies = sources.flatMap(({ place, bytes }) =>
    scanSource(place, bytes).map((scanned): Copy => ({ ...scanned, place })),
  );
  const keyWith = (fingerprint: string): Certificate | undefined =>
    merge(copies.filter(({ primary }) => primary.fingerprint === fingerprint))?.certificate;

  return {
    places: sources.map(({ place }) => ({
      place,
      keys: copies.filter((copy) => copy.place === place).length,
    })),
    find(issuer) {
      const isWanted = (key: KeyIdentity): boolean => isKeyOf(issuer, key);
      const holders = copies.filter(({ keys }) => keys.some(isWanted));
      const primaries = [
        ...holders.filter(({ primary }) => isWanted(primary)),
        ...holders.filter(({ primary }) => !isWanted(primary)),
      ].map(({ primary }) => primary.fingerprint);
      return [...new Set(primaries)].flatMap((fingerprint) => {
        const merged = merge(copies.filter(({ primary }) => primary.fingerprint === fingerprint));
        if (merged === undefined) return [];
        const revokers = revokersNamedIn(merged.certificate).map(keyWith);
        return [{ ...merged, revokers: revokers.filter((revoker) => revoker !== undefined) }];
      });
    },
    keyWith,
  };
}

type Copy = ScannedCertificate & { readonly place: string };

function scanSource(place: string, bytes: Uint8Array): ScannedCertificate[] {
  try {
    return keyPackets(bytes).flatMap(scanCertificates);
  } catch (error) {
    if (error instanceof MalformedError)
      throw new InputError(`cannot read the keys in ${place}: ${error.message}`, undefined, { cause: error });
    throw error;
  }
}

function isKeyOf({ fingerprint, keyId }: Issuer, key: KeyIdentity): boolean {
  return fingerprint === undefined ? key.keyId === keyId : key.fingerprint === fingerprint;
}

function merge(copies: readonly Copy[]): { certificate: Certificate; place: string } | undefined {
  const [first, ...others] = copies.flatMap(({ bytes }) => readCertificates(bytes));
  if (first === undefined) return undefined;
  const places = [...new Set(copies.map(({ place }) => place))];
  return { certificate: mergeCertificates([first, ...others]), place: places.join(', ') };
}

/** Fingerprints of designated revokers; whether a valid self-signature names them is for others to find out. */
function revokersNamedIn({ signatures, userIds }: Certificate): string[] {
  const all = [...signatures, ...userIds.flatMap((userId) => userId.signatures)];
  return [...new Set(all.flatMap(({ revocationKeys }) => revocationKeys))];
}
