import { decodeUtf8 } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';

/** A line in bytes, from its first to behind its end. */
export interface IndexLine {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Blanks in front. */
  readonly indent: number;
  /** Whether there is more in it than blanks and a comment. */
  readonly isText: boolean;
}

/** The lines of bytes that end with one. @throws MalformedError if one is longer than any that makes sense */
export function* linesOf(bytes: Uint8Array): Generator<IndexLine> {
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    if (end - start > MAX_LINE) throw tooLong();
    let at = start;
    while (bytes[at] === BLANK) at++;
    const isText = !isLineEnd(bytes, at) && bytes[at] !== HASH;
    yield { bytes, start, end, indent: at - start, isText };
    start = end;
  }
}

/** Whether the line ends here. */
export function isLineEnd(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at];
  return (
    byte === undefined || byte === NEWLINE || (byte === RETURN && (bytes[at + 1] ?? NEWLINE) === NEWLINE)
  );
}

/** Its text, with its end. @throws MalformedError if it is no UTF-8 */
export function textOf({ bytes, start, end }: Pick<IndexLine, 'bytes' | 'start' | 'end'>): string {
  return decodeUtf8(bytes.subarray(start, end));
}

/** Lines that belong together. They are decoded together: a string for each would take more memory. */
export class Lines {
  #texts: string[] = [];
  #spans: { readonly bytes: Uint8Array; readonly start: number; end: number }[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add({ bytes, start, end }: IndexLine): void {
    this.#count += 1;
    const last = this.#spans.at(-1);
    if (last?.bytes === bytes && last.end === start) last.end = end;
    else this.#spans.push({ bytes, start, end });
  }

  /**
   * Decodes the lines that were added, so that their bytes can be freed.
   * @throws MalformedError if they are no UTF-8
   */
  decode(): void {
    this.#texts.push(...this.#spans.map(textOf));
    this.#spans = [];
  }

  /** All of them. @throws MalformedError as {@link decode} does */
  text(): string {
    this.decode();
    return this.#texts.join('');
  }

  clear(): void {
    [this.#texts, this.#spans, this.#count] = [[], [], 0];
  }
}

export function tooLong(): MalformedError {
  return new MalformedError(`expected lines of at most ${MAX_LINE} bytes, found a longer one`);
}

/** Of one line, in bytes. */
export const MAX_LINE = 1 << 20;

export const NEWLINE = 0x0a;
const [RETURN, BLANK, HASH] = [0x0d, 0x20, 0x23];
