import { createHash } from 'node:crypto';
import type { ChartFiles } from '../chart/chart-files.ts';
import { readChartImage } from '../chart/fetch/chart-image.ts';
import { sha256Hex, type Sha256 } from '../digest.ts';
import { preAuthEncoding } from '../dsse.ts';
import { cut } from '../encoding.ts';
import { ifWellFormed, SigstoreError } from '../errors.ts';
import { parseImageClaim } from '../evidence/image-claim.ts';
import { parseStatement } from '../evidence/in-toto-statement.ts';
import { parseBundles } from '../evidence/parse-bundle.ts';
import type { DsseEnvelope } from '../evidence/sigstore-bundle.ts';
import { preimageOf } from '../openpgp/plain-signature.ts';
import { parseProvenance } from '../provenance/provenance.ts';

/** The files beside a chart that say what was signed. */
export type FilesBeside = Pick<ChartFiles, 'bundles' | 'provenance'>;

/** A signed text beside a chart that names its archive: a statement, or its provenance. */
export interface SignedText {
  /** What logs call it, each as `sha256:HEX`. */
  readonly digests: readonly string[];
  /** Of a provenance: its signature, one packet. */
  readonly signature?: Uint8Array;
  readonly unpublished: UnpublishedFiles;
}

/** What is signed together with a published archive, and was not published. */
export interface UnpublishedFiles {
  /** At most ten. */
  readonly files: readonly NamedFile[];
  /** How many there are. */
  readonly count: number;
}

/** A file as a signed text names it: foreign text, cut. */
export interface NamedFile {
  /** Undefined: it has no name there. */
  readonly name: string | undefined;
  /** Those that are of nothing that was published, each as `FUNCTION:DIGEST`; none: it has none at all. */
  readonly digests: readonly string[];
}

/** Whether an archive, or an image manifest, with this SHA-256 was published. */
export type IsPublished = (sha256: string) => boolean;

/** The provenance beside a chart, if it names its archive; none where it cannot be read, or is for something else. */
export async function signedProvenance(
  sha256: Sha256,
  files: Pick<FilesBeside, 'provenance'>,
  isPublished: IsPublished,
): Promise<readonly SignedText[]> {
  const bytes = await ifThere(() => files.provenance());
  return bytes === undefined ? [] : (ifWellFormed(() => ofProvenance(bytes, sha256, isPublished)) ?? []);
}

/** The statements beside a chart that name its archive or its image; none where they cannot be read. */
export async function signedStatements(
  sha256: Sha256,
  files: Pick<FilesBeside, 'bundles'>,
  isPublished: IsPublished,
): Promise<readonly SignedText[]> {
  const bundles = (await ifThere(() => files.bundles())) ?? [];
  return bundles.flatMap(({ bytes, manifest, claim }) => {
    const found = ifWellFormed(() => {
      const images = manifest === undefined ? [] : imageOf(manifest, sha256);
      const own = [sha256, ...images];
      const isKnown = (digest: string) => own.includes(digest) || isPublished(digest);
      return [
        ...((claim && ifWellFormed(() => ofClaim(claim, images))) ?? []),
        ...parseBundles(bytes).flatMap(({ content }) =>
          content.kind === 'envelope' ? (ifWellFormed(() => ofEnvelope(content, own, isKnown)) ?? []) : [],
        ),
      ];
    });
    return found ?? [];
  });
}

/** By whichever hash function goes with the key. */
const ALGORITHMS = ['sha256', 'sha384', 'sha512'] as const;

/** What an OpenPGP signature is over, as other tools see it. */
function ofProvenance(bytes: Uint8Array, own: Sha256, isPublished: IsPublished): SignedText[] {
  const { document, signature, signatureBytes, signedBytes } = parseProvenance(bytes);
  if (!document.files.some(({ sha256 }) => sha256 === own)) return [];
  const preimage = preimageOf(signature, signedBytes);
  const named = document.files.map(({ name, sha256 }) => ({ name, digests: { sha256 } }));
  return [
    {
      digests: ALGORITHMS.map((algorithm) => digestOf(algorithm, preimage)),
      signature: signatureBytes,
      unpublished: unpublishedOf(named, isPublished),
    },
  ];
}

/** Of an envelope: its payload, and what is signed of it. */
function ofEnvelope(envelope: DsseEnvelope, own: readonly string[], isPublished: IsPublished): SignedText[] {
  const { subjects } = parseStatement(envelope);
  const isAbout = subjects.some(
    ({ digests: { sha256 } }) => typeof sha256 === 'string' && own.includes(sha256),
  );
  if (!isAbout) return [];
  const encoded = preAuthEncoding(envelope);
  return [
    {
      digests: [
        `sha256:${sha256Hex(envelope.payload)}`,
        ...ALGORITHMS.map((algorithm) => digestOf(algorithm, encoded)),
      ],
      unpublished: unpublishedOf(subjects, isPublished),
    },
  ];
}

/** Of a text that names an image, and nothing else. */
function ofClaim(claim: Uint8Array, images: readonly string[]): SignedText[] {
  if (!images.includes(parseImageClaim(claim).manifest)) return [];
  return [
    {
      digests: ALGORITHMS.map((algorithm) => digestOf(algorithm, claim)),
      unpublished: { files: [], count: 0 },
    },
  ];
}

/** A file that is named with digests: those of the archive, and with them one of another file by another hash function. */
interface DigestedFile {
  readonly name: string | undefined;
  readonly digests: Readonly<Record<string, unknown>>;
}

/** Of a digest by another hash function than SHA-256 nobody knows whether it is that of what was published. */
function unpublishedOf(named: readonly DigestedFile[], isPublished: IsPublished): UnpublishedFiles {
  const files: NamedFile[] = [];
  let count = 0;
  for (const { name, digests } of named) {
    const all = Object.entries(digests);
    const others = all.filter(
      ([algorithm, value]) => algorithm !== 'sha256' || typeof value !== 'string' || !isPublished(value),
    );
    if (all.length > 0 && others.length === 0) continue;
    count += 1;
    if (files.length === MOST_SHOWN) continue;
    const shown = others.slice(0, MOST_DIGESTS).map(([algorithm, value]) => {
      const digest = typeof value === 'string' ? cut(value, LONGEST_DIGEST) : '?';
      return `${cut(algorithm, LONGEST_ALGORITHM)}:${digest}`;
    });
    files.push({ name: name === undefined ? undefined : cut(name, LONGEST_NAME), digests: shown });
  }
  return { files, count };
}

const MOST_SHOWN = 10;
const MOST_DIGESTS = 4;
/** Characters. */
const LONGEST_NAME = 256;
const LONGEST_DIGEST = 128;
const LONGEST_ALGORITHM = 32;

/** The digest of an image manifest, if it is that of the chart with this archive. */
function imageOf(manifest: Uint8Array, sha256: Sha256): string[] {
  const image = readChartImage(manifest);
  return image.archive.digest === sha256 ? [image.sha256] : [];
}

function digestOf(algorithm: (typeof ALGORITHMS)[number], bytes: Uint8Array): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
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
