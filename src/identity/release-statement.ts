import { parseSha256, type Sha256 } from '../digest.ts';
import { encodeUtf8 } from '../encoding.ts';

/** A chart that is to be signed. */
export interface ChartToSign {
  readonly name: string;
  readonly version: string;
  /** Of the archive. */
  readonly sha256: Sha256;
  /** The bytes of the archive, anew at each call. */
  readonly chunks: () => AsyncIterable<Uint8Array>;
  /** The provenance beside it, if there is one. */
  readonly provenance?: { readonly sha256: Sha256 };
}

/** What envelopes hold whose payload is a statement. */
export const STATEMENT_TYPE = 'application/vnd.in-toto+json';

/**
 * The statement that these files are the release of a chart: in-toto v1, with the predicate `release` 0.2. The subjects are
 * the archive NAME-VERSION.tgz and its provenance.
 */
export function releaseStatement({ name, version, sha256, provenance }: ChartToSign): Uint8Array {
  const archive = `${name}-${version}.tgz`;
  const files = [
    { name: archive, sha256 },
    ...(provenance ? [{ name: `${archive}.prov`, sha256: provenance.sha256 }] : []),
  ];
  return encodeUtf8(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: files.map((file) => ({ name: file.name, digest: { sha256: parseSha256(file.sha256) } })),
      predicateType: 'https://in-toto.io/attestation/release/v0.2',
      predicate: { purl: purlOf(name, version) },
    }),
  );
}

/** The package URL of a chart (purl specification). */
function purlOf(name: string, version: string): string {
  return `pkg:helm/${encodeURIComponent(name)}@${encodeURIComponent(version)}`;
}
