import { InputError } from '../errors.ts';
import type { NamedChart } from './named-chart.ts';
import { readText } from './text-file.ts';

/** A hundred thousand long paths. */
const LIST_LIMIT = 16 << 20;

/**
 * The archives that a list names, one path a line. Lines that are empty or start with `#` are none.
 * @param pieces the bytes of the list, as they are read
 * @param place where the list is, for messages
 * @throws InputError if it cannot be read, is too long, is no text in UTF-8, or names nothing
 */
export async function readPathList(
  pieces: AsyncIterable<Uint8Array>,
  place: string,
): Promise<readonly NamedChart[]> {
  const text = await readText(pieces, place, LIST_LIMIT);
  if (text.includes('\0'))
    throw new InputError(`expected ${place} to have one path a line, found a NUL character in it`);
  const paths = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  if (paths.length === 0) throw new InputError(`expected ${place} to name charts, found none`);
  return paths.map((path) => ({ path }));
}
