import { InputError, MalformedError } from '../../errors.ts';
import { isFileSystemError } from '../../files/error-code.ts';
import type { NamedChart } from '../chart-files.ts';
import { LocalChart } from '../local-chart.ts';
import { readNamed } from '../../files/named-file.ts';
import { decodeUserText } from '../../user-text.ts';
import { cannotRead, gather } from './text-file.ts';

/** A hundred thousand long paths, in bytes. */
const LIST_LIMIT = 16 << 20;

/** More than a call of any program could name. */
const MAX_PATHS = 250_000;

/**
 * The archives that a list names, one path a line. Lines that are empty or start with `#` name nothing.
 * @param pieces the bytes of the list, as they are read
 * @param place where the list is, for messages
 * @throws InputError if it cannot be read, is too long, is no text in UTF-8, or names nothing
 */
export async function readPathList(
  pieces: AsyncIterable<Uint8Array>,
  place: string,
): Promise<readonly NamedChart[]> {
  try {
    return chartsOfList(await gather(pieces, LIST_LIMIT), place);
  } catch (error) {
    if (error instanceof MalformedError || isFileSystemError(error)) throw cannotRead(place, error);
    throw error;
  }
}

/**
 * The charts that a list in a file names, see `readPathList`. The file may be a pipe.
 * @param interrupted ends the waiting for a pipe
 * @throws InputError as `readPathList` does
 */
export async function chartsListedIn(
  path: string,
  interrupted?: AbortSignal,
): Promise<readonly NamedChart[]> {
  let bytes: Uint8Array;
  try {
    bytes = await readNamed(path, { limit: LIST_LIMIT, interrupted });
  } catch (error) {
    throw cannotRead(path, error);
  }
  try {
    return chartsOfList(bytes, path);
  } catch (error) {
    throw error instanceof MalformedError ? cannotRead(path, error) : error;
  }
}

/**
 * The same, of a list that was read.
 * @throws MalformedError if it is no text in UTF-8
 * @throws InputError if it names nothing, or more than anybody means
 */
function chartsOfList(bytes: Uint8Array, place: string): readonly NamedChart[] {
  const text = decodeUserText(bytes);
  if (text.includes('\0'))
    throw new InputError(`expected ${place} to have one path a line, found a NUL character in it`);
  const charts: NamedChart[] = [];
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const path = text.slice(at, newline > at && text[newline - 1] === '\r' ? end - 1 : end);
    if (path !== '' && !path.startsWith('#')) charts.push(new LocalChart(path));
    if (charts.length > MAX_PATHS)
      throw new InputError(`expected ${place} to name at most ${MAX_PATHS} charts, found more`);
    at = end + 1;
  }
  if (charts.length === 0) throw new InputError(`expected ${place} to name charts, found none`);
  return charts;
}
