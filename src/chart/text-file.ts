import { decodeUtf8 } from '../encoding.ts';
import { InputError, MalformedError } from '../errors.ts';

/**
 * The text of a file that names charts, in UTF-8.
 * @param pieces the bytes of the file, as they are read
 * @param place where it is, for messages
 * @param limit the most bytes that it may have
 * @throws InputError if it cannot be read, is longer, or is no UTF-8
 */
export async function readText(
  pieces: AsyncIterable<Uint8Array>,
  place: string,
  limit: number,
): Promise<string> {
  try {
    return decodeUtf8(await gather(pieces, limit)).replace(BYTE_ORDER_MARK, '');
  } catch (error) {
    if (error instanceof MalformedError) throw new InputError(`cannot read ${place}: ${error.message}`);
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const isMissing = 'code' in error && error.code === 'ENOENT';
    throw new InputError(isMissing ? `there is no file ${place}` : `cannot read ${place}: ${error.message}`);
  }
}

/** Windows puts it in front of text. */
const BYTE_ORDER_MARK = /^\ufeff/;

async function gather(pieces: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const gathered: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) throw new MalformedError(`expected at most ${limit} bytes, found more`);
    gathered.push(piece);
  }
  return Buffer.concat(gathered);
}
