import { InputError, MalformedError } from '../errors.ts';
import { parseProvenance, type Provenance } from '../provenance/provenance.ts';
import { findArchive, readArchive, type Archive } from './archive.ts';
import { provenancePath, readProvenanceFile } from './locate.ts';

/** A chart's archive with the provenance file beside it. */
export interface SignedChart {
  readonly archive: Archive;
  readonly provenance: Provenance;
}

/** A chart whose provenance was read, while its archive, which may be large, still is. */
export interface OpenedChart {
  readonly provenance: Provenance;
  /** Rejects with InputError if the archive cannot be read or is no gzip file. */
  readonly archive: Promise<Archive>;
}

/**
 * Begins to read the archive at this path, and the provenance beside it.
 * @throws InputError if there is no archive, or the provenance cannot be read or is none
 */
export async function openSignedChart(path: string): Promise<OpenedChart> {
  const found = await findArchive(path);
  const provenance = await readProvenance(provenancePath(path));
  const archive = found.read();
  // Whoever waits for it is told; that it fails before they do is no accident.
  archive.catch(() => undefined);
  return { provenance, archive };
}

/**
 * The archive at this path and the provenance beside it, parsed, not verified.
 * @throws InputError if one of them cannot be read or is not what it should be
 */
export async function readSignedChart(path: string): Promise<SignedChart> {
  const archive = await readArchive(path);
  return { archive, provenance: await readProvenance(provenancePath(path)) };
}

/**
 * The provenance in the file at this path, parsed, not verified.
 * @throws InputError if the file cannot be read or is no provenance
 */
export async function readProvenance(path: string): Promise<Provenance> {
  const bytes = await readProvenanceFile(path);
  try {
    return parseProvenance(bytes);
  } catch (error) {
    if (error instanceof MalformedError)
      throw new InputError(
        `${path} is no provenance file: ${error.message}`,
        'get it again, from where the publisher puts it, or sign the chart with helm package --sign',
      );
    throw error;
  }
}
