import { InputError, MalformedError } from '../../errors.ts';
import { readChunks } from '../../files/chunks.ts';
import type { NamedCharts } from '../chart-files.ts';
import { IndexParser, isAnyForm } from '../index/index-parser.ts';
import { cannotRead } from './text-file.ts';

/**
 * Every chart version that the index of a repository names, see `IndexReader`. It is parsed as it is read.
 * @param directory where the archives are
 * @throws InputError if it cannot be read, is no index, names no chart, or names more charts than any index
 * does
 */
export async function readIndexFile(path: string, directory: string): Promise<NamedCharts> {
  const parser = new IndexParser(path, directory);
  try {
    for await (const chunk of readChunks(path, CHUNK)) parser.add(chunk);
    return parser.charts();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw error instanceof MalformedError ? noIndex(error, path, parser.size) : cannotRead(path, error);
  }
}

/**
 * The same, of an index that was read.
 * @param place where the index is, for messages
 * @throws InputError as {@link readIndexFile} does
 */
export function chartsOfIndex(bytes: Uint8Array, place: string, directory: string): NamedCharts {
  const parser = new IndexParser(place, directory);
  try {
    parser.add(bytes);
    return parser.charts();
  } catch (error) {
    throw error instanceof MalformedError ? noIndex(error, place, bytes.length) : error;
  }
}

/** Bytes that are read at a time. */
const CHUNK = 1 << 18;

function noIndex({ message }: MalformedError, place: string, size: number): InputError {
  return new InputError(
    `expected ${place} to be the index of a chart repository: ${message}`,
    isAnyForm(size)
      ? 'give a packed chart (*.tgz), a folder of them, or the index.yaml of a repository'
      : 'one of more than half a mebibyte has to be JSON, or in the form that helm repo index writes',
  );
}
