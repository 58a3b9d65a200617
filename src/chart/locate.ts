import { InputError } from '../errors.ts';
import { readChunks } from '../files/chunks.ts';
import { PROVENANCE_LIMIT } from '../provenance/provenance.ts';

/** Where Helm puts the provenance file of the archive at this path: beside it. */
export function provenancePath(archivePath: string): string {
  return `${archivePath}.prov`;
}

/**
 * The bytes of a provenance file.
 * @throws InputError if it is missing, empty, longer than a provenance may be, or cannot be read
 */
export async function readProvenanceFile(path: string): Promise<Uint8Array> {
  const bytes = await readUpTo(path, PROVENANCE_LIMIT + 1);
  if (bytes.length === 0) throw new InputError(`the provenance file ${path} is empty`, hint);
  if (bytes.length > PROVENANCE_LIMIT)
    throw new InputError(
      `expected ${path} to be a provenance file of at most ${PROVENANCE_LIMIT} bytes, found more`,
    );
  return bytes;
}

const hint = 'sign the chart with helm package --sign, which writes it beside the archive';

/** Bytes that hold nearly every provenance file. */
const USUAL_SIZE = 16 * 1024;

async function readUpTo(path: string, limit: number): Promise<Uint8Array> {
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of readChunks(path, USUAL_SIZE)) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= limit) break;
    }
    return Buffer.concat(chunks).subarray(0, limit);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOENT') throw new InputError(`there is no provenance file ${path}`, hint);
    throw new InputError(`cannot read ${path}: ${error.message}`);
  }
}
