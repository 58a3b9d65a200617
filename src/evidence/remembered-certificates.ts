import { sha256Hex } from '../digest.ts';
import { QuickElement } from './quick-element.ts';
import { ASN1Obj, X509Certificate } from './sigstore-parts.ts';

/**
 * A certificate that is parsed once in a run, and of which each question is answered once that depends on nothing but its
 * bytes and those of the certificate that it is asked about: whether that one's key signed it. For which time it counts,
 * and whether it is trusted, is asked anew for each chart.
 */
class RememberedCertificate extends X509Certificate {
  #encoded: Buffer | undefined;
  #publicKey: Buffer | undefined;
  readonly #signedBy = new Map<X509Certificate, boolean>();

  override get publicKey(): Buffer {
    return (this.#publicKey ??= super.publicKey);
  }

  /** Whether the key of another certificate, or its own, signed it. */
  override verify(issuer?: X509Certificate): boolean {
    const by = issuer ?? this;
    // Only those whose bytes cannot change are remembered.
    if (!(by instanceof RememberedCertificate)) return super.verify(issuer);
    let holds = this.#signedBy.get(by);
    if (holds === undefined) {
      holds = super.verify(issuer);
      this.#signedBy.set(by, holds);
    }
    return holds;
  }

  override equals(other: X509Certificate): boolean {
    return other instanceof RememberedCertificate
      ? this.encoded().equals(other.encoded())
      : super.equals(other);
  }

  /**
   * A copy of which extensions may be taken out, as the library does to find what a log of certificates signed (RFC 6962,
   * 3.2).
   */
  override clone(): X509Certificate {
    return new X509Certificate(QuickElement.of(this.root));
  }

  encoded(): Buffer {
    return (this.#encoded ??= this.root.toDER());
  }
}

/** The certificates of one trusted root, and those of signers that are judged by it. */
export class Certificates {
  readonly #known = new Map<string, RememberedCertificate>();

  /**
   * The certificate that these bytes spell: the same object for the same bytes, as long as it is remembered.
   * @param der not believed to stay as it is
   * @throws Error of Sigstore's library if they are malformed
   */
  of(der: Uint8Array): X509Certificate {
    const name = sha256Hex(der);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const read = new RememberedCertificate(QuickElement.of(ASN1Obj.parseBuffer(Buffer.from(der))));
    // Whoever is signed by many is as slow as before; nobody's memory is filled by them.
    if (this.#known.size < MAX_CERTIFICATES) this.#known.set(name, read);
    return read;
  }
}

/** A trusted root has at most some hundreds; the charts of a run have a few signers. */
const MAX_CERTIFICATES = 2000;
