import { sha256Hex } from '../../../src/digest.ts';
import { readCertificates, type Certificate } from '../../../src/openpgp/certificate.ts';
import { minimiseCertificate } from '../../../src/openpgp/minimise.ts';
import { serializeCertificate } from '../../../src/openpgp/whole-certificate.ts';
import { parseProvenance, type Provenance } from '../../../src/provenance/provenance.ts';
import type { ChartOnDisk } from '../chart.ts';
import { helmBody } from '../independent/helm-body.mjs';
import { leafHash } from '../independent/tree.mjs';
import type { TestSigner } from '../signer.ts';

/** The entry that a log is to have of a signed chart. */
export class ChartEntry {
  readonly provenance: Provenance;
  /** SHA-256 of the archive. */
  readonly digest: string;

  constructor(
    readonly publisher: TestSigner,
    chart: Pick<ChartOnDisk, 'archive' | 'provenance'>,
  ) {
    this.provenance = parseProvenance(chart.provenance);
    this.digest = sha256Hex(chart.archive);
  }

  /** The body of a helm entry: the one that `upload` would log, but for these parts. */
  body(parts: Partial<Parameters<typeof helmBody>[0]> = {}): Uint8Array {
    return helmBody({
      sha256: this.digest,
      signatureBytes: this.provenance.signatureBytes,
      certificateBytes: this.minimised(),
      ...parts,
    });
  }

  /** The publisher's certificate (its bytes) in the form that `upload` sends. */
  minimised(certificate = this.publisher.certificate): Uint8Array {
    const { signature } = this.provenance;
    const { signingFingerprint } = this.publisher;
    const minimised = minimiseCertificate(certificateIn(certificate), signature, signingFingerprint);
    return 'refused' in minimised ? serializeCertificate(certificateIn(certificate)) : minimised.bytes;
  }

  /** The leaf hash under which `verify` asks for the chart. */
  get predicted(): string {
    return Buffer.from(leafHash(this.body())).toString('hex');
  }
}

/** The certificate in these bytes. */
export function certificateIn(bytes: Uint8Array): Certificate {
  const [certificate] = readCertificates(bytes);
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}
