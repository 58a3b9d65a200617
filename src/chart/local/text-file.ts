import { InputError, MalformedError, messageOf } from '../../errors.ts';
import { hasCode } from '../../files/error-code.ts';

/**
 * All bytes of a stream.
 * @param limit the most that there may be
 * @throws MalformedError if there are more
 */
export async function gather(pieces: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const gathered: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) throw new MalformedError(`expected at most ${limit} bytes, found more`);
    gathered.push(piece);
  }
  return Buffer.concat(gathered);
}

/** The error of a file that could not be read, or not be understood. */
export function cannotRead(place: string, error: unknown): InputError {
  return new InputError(
    hasCode(error, 'ENOENT') ? `there is no file ${place}` : `cannot read ${place}: ${messageOf(error)}`,
  );
}
