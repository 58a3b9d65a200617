import { encodeHex } from '../encoding.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { minimiseCertificate } from '../openpgp/minimise.ts';
import { serializeCertificate } from '../openpgp/whole-certificate.ts';
import type { Provenance } from '../provenance/provenance.ts';
import { leafHash } from '../tlog/merkle.ts';
import { canonicalBody } from './helm-entry.ts';

/** An entry that a log may hold of a provenance, known before it is asked. */
export interface PredictedEntry {
  /** What the publisher sent: the least of the certificate (as `upload` does), or the whole of it. */
  readonly form: 'minimised' | 'whole';
  readonly body: Uint8Array;
  /** 64 hexadecimal digits. */
  readonly leafHash: string;
}

/**
 * The entries that a log may hold of a provenance, signed by the key with this fingerprint of the certificate:
 * one for each file that it names and each form in which its publisher may have sent the certificate.
 */
export function predictLeaves(
  provenance: Provenance,
  certificate: Certificate,
  signingFingerprint: string,
): PredictedEntry[] {
  const { document, signature, signatureBytes } = provenance;
  const minimised = minimiseCertificate(certificate, signature, signingFingerprint);
  const forms = [
    ...('refused' in minimised ? [] : [{ form: 'minimised' as const, certificateBytes: minimised.bytes }]),
    { form: 'whole' as const, certificateBytes: serializeCertificate(certificate) },
  ];
  const predictions = document.files.flatMap(({ sha256 }) =>
    forms.map(({ form, certificateBytes }) => {
      const body = canonicalBody({ sha256, signatureBytes, certificateBytes });
      return { form, body, leafHash: encodeHex(leafHash(body)) };
    }),
  );
  return predictions.filter(
    ({ leafHash }, at) => predictions.findIndex((other) => other.leafHash === leafHash) === at,
  );
}
