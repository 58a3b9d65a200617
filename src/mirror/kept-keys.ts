import { encodeUtf8 } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { decodeBlocks, encodeArmor } from '../openpgp/armor.ts';
import { readCertificates, type Certificate } from '../openpgp/certificate.ts';
import { ownPartOf, packetsOf } from '../openpgp/own-part.ts';

/** Where the keys of publishers are kept, one file a fingerprint. */
export function keyPath(fingerprint: string): string {
  return `keys/${fingerprint.toUpperCase()}.asc`;
}

/** Bytes. One of a key that signs charts has a few thousand. */
export const KEPT_KEY_LIMIT = 1 << 20;

/**
 * The certificates whose signatures counted in a run, as far as they were needed. Copies for people who have none:
 * nothing in a mirror is a reason to trust them.
 */
export class KeptKeys {
  readonly #copies = new Map<string, [Certificate, ...Certificate[]]>();
  /** The keys that were taken from each: charts of one publisher have one certificate. */
  readonly #taken = new Map<Certificate, Set<string>>();

  /** Takes a certificate that made a signature with the key of this fingerprint. */
  add(certificate: Certificate, signingFingerprint: string): void {
    const taken = this.#taken.get(certificate) ?? new Set();
    if (taken.has(signingFingerprint)) return;
    this.#taken.set(certificate, taken.add(signingFingerprint));
    const part = ownPartOf(certificate, signingFingerprint);
    const copies = this.#copies.get(part.primary.fingerprint);
    if (copies === undefined) this.#copies.set(part.primary.fingerprint, [part]);
    else copies.push(part);
  }

  /** Their primary fingerprints. */
  get fingerprints(): readonly string[] {
    return [...this.#copies.keys()];
  }

  /**
   * The file of a key, with what is in the one that is there: a revocation that was known once stays known.
   * @param present its bytes; what is no certificate of this key is left out of them
   */
  fileOf(fingerprint: string, present: Uint8Array = new Uint8Array()): Uint8Array {
    const [first, ...copies] = this.#copies.get(fingerprint) ?? [];
    if (first === undefined) throw new Error(`no key ${fingerprint} was added`);
    const all = packetsOf([first, ...copies, ...certificatesIn(present, fingerprint)]);
    return encodeUtf8(`${encodeArmor('PGP PUBLIC KEY BLOCK', all)}\n`);
  }
}

function certificatesIn(bytes: Uint8Array, fingerprint: string): readonly Certificate[] {
  try {
    return decodeBlocks(bytes, ['PGP PUBLIC KEY BLOCK'])
      .flatMap(({ packets }) => readCertificates(packets))
      .filter(({ primary }) => primary.fingerprint === fingerprint);
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}
