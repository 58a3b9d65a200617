import { excerpt } from '../encoding.ts';
import { InputError, MalformedError } from '../errors.ts';
import { EVIDENCE_LIMIT, MEDIA_TYPE } from '../evidence/evidence.ts';
import { evidenceIn } from '../evidence/read.ts';
import { readUserFile } from '../files/user-file.ts';
import { parseHelmEntry } from '../rekor/helm-entry.ts';
import { parseStrictJson } from '../strict-json.ts';
import type { Sha256 } from '../digest.ts';

/** A file whose kind is known. */
export interface FileToAttach {
  readonly path: string;
  readonly artifactType: string;
  readonly bytes: Uint8Array;
}

/** An evidence file, and the archives of which its entries are. */
export interface EvidenceFile extends FileToAttach {
  readonly archives: readonly Sha256[];
}

/** The media type of a Sigstore bundle. */
const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** The most bytes of one. */
const BUNDLE_LIMIT = 1 << 20;

/**
 * The bytes of the evidence file at a path, or of one with a bundle of a provenance.
 * @throws InputError if it cannot be read
 */
export async function readEvidenceToAttach(path: string, interrupted: AbortSignal): Promise<Uint8Array> {
  return await readUserFile(path, { limit: EVIDENCE_LIMIT, interrupted });
}

/**
 * The evidence file of these bytes.
 * @throws InputError if it is no evidence file, or has an entry that is not of a chart
 */
export function evidenceToAttach(path: string, bytes: Uint8Array): EvidenceFile {
  const { entries } = evidenceIn(bytes, path);
  try {
    const archives = entries.map(({ body }) => parseHelmEntry(body).sha256);
    return { path, artifactType: MEDIA_TYPE, bytes, archives };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`${path} has an entry that is not one of a chart: ${error.message}`);
  }
}

/** A Sigstore bundle. @throws InputError if it cannot be read, or is none by its own words */
export async function bundleToAttach(path: string, interrupted: AbortSignal): Promise<FileToAttach> {
  const bytes = await readUserFile(path, { limit: BUNDLE_LIMIT, interrupted });
  const found = mediaTypeOf(bytes, path);
  if (found === BUNDLE_TYPE) return { path, artifactType: BUNDLE_TYPE, bytes };
  throw new InputError(
    `expected ${path} to be a Sigstore bundle with the media type ${BUNDLE_TYPE}, found ${found}`,
  );
}

function mediaTypeOf(bytes: Uint8Array, path: string): string {
  try {
    const { mediaType } = (parseStrictJson(bytes) ?? {}) as { readonly mediaType?: unknown };
    if (mediaType === undefined) return 'none';
    return typeof mediaType === 'string'
      ? mediaType === BUNDLE_TYPE
        ? mediaType
        : excerpt(mediaType)
      : 'something else';
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`${path} is no Sigstore bundle: ${error.message}`);
  }
}
