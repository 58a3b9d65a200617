import { MalformedError } from '../../errors.ts';
import { BLOCK, isZero, requirePax, requireSameHeader } from './tar-header.ts';

/**
 * Passes a tar archive on to tar-stream, up to where Go, with which Helm reads charts, stops reading. It
 * leaves out headers that are about all members (global pax headers), which change nothing for Go. What the
 * two would read in different ways is refused: no reading may differ from Helm's.
 * @param pieces the bytes of the archive, unpacked
 * @throws MalformedError if it is cut, or something in it is read differently
 */
export async function* sameBlocks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const source = new Source(pieces[Symbol.asyncIterator]());
  let extensions = '';
  for (;;) {
    const block = await source.headerBlock();
    if (block === undefined) return;
    const { type, size } = requireSameHeader(block);
    const filling = (BLOCK - (size % BLOCK)) % BLOCK;
    if (EXTENSIONS.includes(type)) {
      if (size > EXTENSION_LIMIT)
        throw new MalformedError(`expected names of at most ${EXTENSION_LIMIT} bytes, found more`);
      if (type !== 'K') extensions += type;
      if (UNLIKE.has(extensions)) throw new MalformedError('expected one long name of a file, found several');
      const content = await source.exactly(size + filling);
      if (type === 'x') requirePax(content.subarray(0, size));
      if (type === 'g') extensions = '';
      else yield Buffer.concat([block, content]);
      continue;
    }
    extensions = '';
    yield block;
    for (let left = size + filling; left > 0;) {
      const piece = await source.some(left);
      left -= piece.length;
      yield piece;
    }
  }
}

/** Headers that are about the next member, or about all of them: pax and GNU. */
const EXTENSIONS = 'xgLK';

/**
 * Pairs of headers before one member that Go and tar-stream read differently. Of two long names each takes
 * another one, and for Go a header about all members ends what was said about the next.
 */
const UNLIKE = new Set(['xL', 'Lx', 'xg', 'Lg', 'xx', 'LL']);

/** The longest name, with what else a pax header says, in bytes; Go has the same limit. */
const EXTENSION_LIMIT = 1 << 20;

/** Takes bytes from a stream in the amounts that are wanted. */
class Source {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();

  constructor(pieces: AsyncIterator<Uint8Array>) {
    this.#pieces = pieces;
  }

  /** The next header; undefined at the end of the archive. What follows two blocks of zeros is not looked at. */
  async headerBlock(): Promise<Uint8Array | undefined> {
    if (!(await this.#fill())) return undefined;
    const block = await this.exactly(BLOCK);
    if (!isZero(block)) return block;
    if ((await this.#fill()) && !isZero(await this.exactly(BLOCK)))
      throw new MalformedError('what is compressed in it is no tar archive: a block of zeros stands alone');
    return undefined;
  }

  /** At least one byte, and at most so many. */
  async some(most: number): Promise<Uint8Array> {
    if (!(await this.#fill()))
      throw new MalformedError('what is compressed in it is no tar archive: it ends too early');
    const taken = this.#piece.subarray(0, most);
    this.#piece = this.#piece.subarray(taken.length);
    return taken;
  }

  async exactly(size: number): Promise<Uint8Array> {
    const whole = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const piece = await this.some(size - at);
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  /** Whether there is a byte. */
  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = next.value;
    }
    return true;
  }
}
