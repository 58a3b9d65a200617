import { excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import {
  isLineEnd,
  Lines,
  linesOf,
  MAX_LINE,
  NEWLINE,
  textOf,
  tooLong,
  type IndexLine,
} from './index-lines.ts';

/** A part of an index: YAML that stands for itself. */
export interface IndexPiece {
  /**
   * Whether it is from `entries`: the name of a chart with one of its versions or, where there is no list,
   * with all that follows.
   */
  readonly isEntry: boolean;
  /** Whether it is one more version of the chart that the piece before is about. */
  readonly isMore: boolean;
  readonly yaml: string;
}

/**
 * Cuts the index of a repository into pieces that are parsed one by one, because as a whole it would take
 * twenty times its size in memory. It has to be in the form that `helm repo index` writes: mappings and lists
 * by indentation. Another form is found out when the pieces are parsed: a piece that was cut in the wrong
 * place is no YAML of this form.
 */
export class IndexCutter {
  readonly #rest = new Lines();
  readonly #header = new Lines();
  readonly #item = new Lines();
  #unended: Uint8Array = new Uint8Array();
  #isInEntries = false;
  #seenEntries = false;
  #entryIndent: number | undefined;
  #itemIndent: number | undefined;
  #isMore = false;

  /** The pieces that end in the next bytes. @throws MalformedError if it is in another form, or is no UTF-8 */
  *add(bytes: Uint8Array): Generator<IndexPiece> {
    const all = this.#unended.length === 0 ? bytes : Buffer.concat([this.#unended, bytes]);
    const end = all.lastIndexOf(NEWLINE) + 1;
    for (const line of linesOf(all.subarray(0, end))) yield* this.#addLine(line);
    this.#unended = all.subarray(end);
    if (this.#unended.length > MAX_LINE) throw tooLong();
    for (const lines of [this.#rest, this.#header, this.#item]) lines.decode();
  }

  /** The pieces that are left at its end. @throws MalformedError as {@link add} does */
  *end(): Generator<IndexPiece> {
    for (const line of linesOf(this.#unended)) yield* this.#addLine(line);
    yield* this.#flushChart();
    yield { isEntry: false, isMore: false, yaml: this.#rest.text() };
  }

  *#addLine(line: IndexLine): Generator<IndexPiece> {
    const { indent, isText } = line;
    if (this.#item.count + this.#header.count + this.#rest.count > MAX_LINES)
      throw new MalformedError(`expected versions of at most ${MAX_LINES} lines, found more`);
    const last = this.#item.count > 0 ? this.#item : this.#header;
    if (isText && indent === 0) {
      yield* this.#flushChart();
      this.#isInEntries = isEntries(textOf(line));
      if (this.#isInEntries && this.#seenEntries) throw new MalformedError('it has "entries" twice');
      this.#seenEntries ||= this.#isInEntries;
      if (!this.#isInEntries) this.#rest.add(line);
    } else if (!this.#isInEntries) this.#rest.add(line);
    else if (!isText) last.add(line);
    else {
      this.#entryIndent ??= indent;
      if (indent < this.#entryIndent)
        throw new MalformedError(`a line has too few blanks in front: ${excerpt(textOf(line))}`);
      if (isItem(line) && this.#header.count > 0 && (this.#itemIndent ?? indent) === indent) {
        yield* this.#flush();
        this.#itemIndent = indent;
        this.#item.add(line);
      } else if (indent > this.#entryIndent) last.add(line);
      else {
        yield* this.#flushChart();
        this.#header.add(line);
      }
    }
  }

  *#flush(): Generator<IndexPiece> {
    if (this.#item.count === 0) return;
    yield { isEntry: true, isMore: this.#isMore, yaml: this.#header.text() + this.#item.text() };
    this.#item.clear();
    this.#isMore = true;
  }

  *#flushChart(): Generator<IndexPiece> {
    if (this.#item.count === 0 && this.#itemIndent === undefined && this.#header.count > 0)
      yield { isEntry: true, isMore: this.#isMore, yaml: this.#header.text() };
    yield* this.#flush();
    this.#header.clear();
    [this.#itemIndent, this.#isMore] = [undefined, false];
  }
}

/** Of one version, together with all that is outside of `entries`. */
const MAX_LINES = 10_000;

function isItem({ bytes, start, indent }: IndexLine): boolean {
  const at = start + indent;
  return bytes[at] === DASH && (bytes[at + 1] === BLANK || isLineEnd(bytes, at + 1));
}

function isEntries(line: string): boolean {
  return /^(?:entries|"entries"|'entries') *:(?: *| +#.*)$/.test(line.replace(/\r?\n$/, ''));
}

const [BLANK, DASH] = [0x20, 0x2d];
