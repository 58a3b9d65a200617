import { createHash } from 'node:crypto';
import type { ChartFiles } from '../chart/chart-files.ts';
import { readChartImage } from '../chart/chart-image.ts';
import { sha256Hex, type Sha256 } from '../digest.ts';
import { preAuthEncoding } from '../dsse.ts';
import { MalformedError, SigstoreError } from '../errors.ts';
import { parseImageClaim } from '../evidence/image-claim.ts';
import { parseStatement } from '../evidence/in-toto-statement.ts';
import { parseBundles } from '../evidence/parse-bundle.ts';
import type { DsseEnvelope } from '../evidence/sigstore-bundle.ts';
import { preimageOf } from '../openpgp/plain-signature.ts';
import { parseProvenance } from '../provenance/provenance.ts';

/** The files beside a chart that say what was signed. */
export type SignedBeside = Pick<ChartFiles, 'bundles' | 'provenance'>;

/**
 * The digests, each as `sha256:HEX`, that signatures beside a chart are over, other than that of its archive: of statements
 * that name it, and of its provenance. What cannot be read, or is about something else, says nothing.
 */
export async function signedDigests(sha256: Sha256, files: SignedBeside): Promise<readonly string[]> {
  const provenance = await ifThere(() => files.provenance());
  const bundles = (await ifThere(() => files.bundles())) ?? [];
  return [
    ...(provenance === undefined ? [] : ifWellFormed(() => ofProvenance(provenance, sha256))),
    ...bundles.flatMap(({ bytes, manifest, claim }) =>
      ifWellFormed(() => {
        const images = manifest === undefined ? [] : imageOf(manifest, sha256);
        const subjects = [sha256, ...images];
        return [
          ...(claim === undefined ? [] : ifWellFormed(() => ofClaim(claim, images))),
          ...parseBundles(bytes).flatMap(({ content }) =>
            content.kind === 'envelope' ? ifWellFormed(() => ofEnvelope(content, subjects)) : [],
          ),
        ];
      }),
    ),
  ];
}

/** By whichever hash function goes with the key. */
const ALGORITHMS = ['sha256', 'sha384', 'sha512'] as const;

/** Of what an OpenPGP signature is over, as other tools see it. */
function ofProvenance(bytes: Uint8Array, sha256: Sha256): string[] {
  const { document, signature, signedBytes } = parseProvenance(bytes);
  if (!document.files.some((file) => file.sha256 === sha256)) return [];
  const preimage = preimageOf(signature, signedBytes);
  return ALGORITHMS.map((algorithm) => digestOf(algorithm, preimage));
}

/** Of an envelope: its payload, and what is signed of it. */
function ofEnvelope(envelope: DsseEnvelope, subjects: readonly string[]): string[] {
  const isAbout = parseStatement(envelope).subjects.some(
    ({ digests }) => typeof digests['sha256'] === 'string' && subjects.includes(digests['sha256']),
  );
  if (!isAbout) return [];
  const encoded = preAuthEncoding(envelope);
  return [
    `sha256:${sha256Hex(envelope.payload)}`,
    ...ALGORITHMS.map((algorithm) => digestOf(algorithm, encoded)),
  ];
}

/** Of a text that names an image. */
function ofClaim(claim: Uint8Array, images: readonly string[]): string[] {
  if (!images.includes(parseImageClaim(claim).manifest)) return [];
  return ALGORITHMS.map((algorithm) => digestOf(algorithm, claim));
}

/** The digest of an image manifest, if it is that of the chart with this archive. */
function imageOf(manifest: Uint8Array, sha256: Sha256): string[] {
  const image = readChartImage(manifest);
  return image.archive.digest === sha256 ? [image.sha256] : [];
}

function digestOf(algorithm: (typeof ALGORITHMS)[number], bytes: Uint8Array): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

function ifWellFormed(read: () => string[]): string[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}

/** Undefined: it is not there, or cannot be fetched. */
async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SigstoreError) return undefined;
    throw error;
  }
}
