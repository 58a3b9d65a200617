import { decodeBase64, encodeBase64, excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { Crc24 } from './crc24.ts';

/**
 * Reads the lines of one armored block, between its first and its last: headers, an empty line, base64,
 * perhaps a checksum. It keeps only what it decoded, because keyrings may have hundreds of megabytes.
 * RFC 9580 6.2.
 */
export class ArmoredLines {
  #inBody = false;
  #lines = 0;
  /** The last line so far: it may be the checksum. */
  #last: string | undefined;
  /** Digits that do not make three octets yet. */
  #digits = '';
  /** Nothing comes behind padding. */
  #isPadded = false;
  readonly #crc = new Crc24();
  #length = 0;

  /**
   * @param type names the block in messages
   * @param output where the decoded bytes go
   */
  constructor(
    private readonly type: string,
    private readonly output: Uint8Array,
  ) {}

  /** @throws MalformedError on a line that is neither header nor base64, and on more lines than anybody needs */
  add(line: string): void {
    if (++this.#lines > MAX_LINES)
      throw new MalformedError(`expected an armored block of at most ${MAX_LINES} lines, found more`);
    if (this.#inBody) {
      if (line === '') return;
      if (this.#last?.startsWith('='))
        throw new MalformedError(
          `expected the line "-----END ${this.type}-----" behind the checksum, found ${excerpt(line)}`,
        );
      if (this.#last !== undefined) this.#decode(this.#last);
      this.#last = line;
    } else if (line === '') this.#inBody = true;
    else if (!/^[A-Za-z]+:/.test(line)) throw this.#noHeader(line);
  }

  /** How many bytes the block had. @throws MalformedError on a wrong checksum, and base64 that is not whole */
  end(): number {
    if (!this.#inBody) throw this.#noHeader('');
    const sum = this.#last?.startsWith('=') ? this.#last : undefined;
    if (sum === undefined && this.#last !== undefined) this.#decode(this.#last);
    if (this.#digits !== '') throw new MalformedError(`not canonical base64: ${excerpt(this.#digits)}`);
    if (sum !== undefined && sum !== `=${encodeBase64(this.#crc.octets())}`)
      throw new MalformedError(`the checksum of the block "${this.type}" is wrong: ${excerpt(sum)}`);
    return this.#length;
  }

  #decode(line: string): void {
    const text = this.#digits + line;
    const whole = text.length - (text.length % 4);
    this.#digits = text.slice(whole);
    if (whole === 0) return;
    if (this.#isPadded) throw new MalformedError(`not canonical base64: ${excerpt(line)}`);
    const bytes = decodeBase64(text.slice(0, whole));
    this.#isPadded = text[whole - 1] === '=';
    this.output.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#crc.add(bytes);
  }

  #noHeader(line: string): MalformedError {
    return new MalformedError(
      `expected headers and an empty line in the block "${this.type}", found ${excerpt(line)}`,
    );
  }
}

/** So many lines of 64 columns hold more than the largest file of keys. */
const MAX_LINES = 5_000_000;
