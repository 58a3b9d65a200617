import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { decodeArmor } from '../openpgp/armor.ts';

/** The parts of a cleartext-signed message. RFC 9580 7. */
export interface Cleartext {
  /** What the signature covers: lines joined by CRLF, without trailing blanks and without the last line end. */
  readonly signedBytes: Uint8Array;
  /** The same lines joined by LF. */
  readonly text: Uint8Array;
  /** The packets of the signature block. */
  readonly signature: Uint8Array;
}

/**
 * Splits a file that is one cleartext-signed message and nothing else. Everything unsigned that a reader
 * could take for signed text is refused: text around the message, headers other than `Hash`, lines without
 * dash escape, carriage returns within a line, a second signature block. Lines end with LF or CRLF.
 * @throws MalformedError on any other file, and on one of more lines than anybody signs. RFC 9580 7.1.
 */
export function splitCleartext(bytes: Uint8Array): Cleartext {
  const lines = new Lines(bytes);
  if (!lines.next() || !lines.is(BEGIN_MESSAGE))
    throw new MalformedError(
      `expected a file that starts with the line "${BEGIN_MESSAGE}", found ${lines.shown()}`,
    );
  const begin = findSignature(new Lines(bytes));
  if (begin === undefined) throw new MalformedError(`expected the line "${BEGIN_SIGNATURE}", found none`);
  while (lines.next() && !lines.isEmpty()) checkHeader(lines);
  // Each line end of the text may become one byte longer.
  const signed = new Uint8Array(begin.at - lines.end + begin.number);
  let length = 0;
  for (let index = 0; lines.next() && lines.number < begin.number; index++) {
    if (index > 0) length = put(signed, length, CRLF);
    length = put(signed, length, unescapeLine(lines));
  }
  const signedBytes = signed.subarray(0, length);
  return {
    signedBytes,
    get text() {
      return withoutReturns(signedBytes);
    },
    signature: decodeSignature(bytes, begin.at),
  };
}

const BEGIN_MESSAGE = '-----BEGIN PGP SIGNED MESSAGE-----';
const BEGIN_SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const HASH_NAMES = [
  'MD5',
  'SHA1',
  'RIPEMD160',
  'SHA224',
  'SHA256',
  'SHA384',
  'SHA512',
  'SHA3-256',
  'SHA3-512',
];

/** Twenty times as many as the longest known provenance has. */
const MAX_LINES = 20_000;

/** In bytes; a signature by one of the largest keys has two thousand. */
const SIGNATURE_LIMIT = 64 * 1024;

const [TAB, LINE_FEED, RETURN, BLANK, DASH] = [0x09, 0x0a, 0x0d, 0x20, 0x2d];
const CRLF = Uint8Array.of(RETURN, LINE_FEED);

/**
 * Goes through the lines of a file in bytes, because the signed text need not be UTF-8, and no byte may
 * change.
 */
class Lines {
  /** Of the line, from 1. */
  number = 0;
  /** Where it begins, where its text ends, and where it ends with its line end. */
  start = 0;
  stop = 0;
  end = 0;
  #isOver = false;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Goes to the next line. False: there is none. @throws MalformedError if there are too many */
  next(): boolean {
    if (this.#isOver) return false;
    this.start = this.end;
    const newline = this.bytes.indexOf(LINE_FEED, this.start);
    this.#isOver = newline < 0;
    const stop = newline < 0 ? this.bytes.length : newline;
    this.end = newline < 0 ? stop : stop + 1;
    this.stop = stop > this.start && this.bytes[stop - 1] === RETURN ? stop - 1 : stop;
    this.number++;
    if (this.number > MAX_LINES) throw new MalformedError(`expected at most ${MAX_LINES} lines, found more`);
    return true;
  }

  isEmpty(): boolean {
    return this.start === this.stop;
  }

  is(text: string): boolean {
    return this.stop - this.start === text.length && latin1(this.bytes, this.start, this.stop) === text;
  }

  /** The beginning of the line, for messages. */
  shown(): string {
    return excerptOf(this.bytes, this.start, this.stop);
  }
}

/** Where the signature begins: behind the first empty line. */
function findSignature(lines: Lines): { readonly at: number; readonly number: number } | undefined {
  let isInText = false;
  while (lines.next()) {
    if (isInText && lines.is(BEGIN_SIGNATURE)) return { at: lines.start, number: lines.number };
    if (lines.number > 1 && lines.isEmpty()) isInText = true;
  }
  return undefined;
}

/** The header is not signed: it must hold nothing that looks like text. What it says of the hash is ignored. */
function checkHeader(line: Lines): void {
  const text = line.stop - line.start > LONGEST_HEADER ? '' : latin1(line.bytes, line.start, line.stop);
  const names = text.startsWith('Hash: ') ? text.slice('Hash: '.length).split(/, ?/) : [''];
  if (!names.every((name) => HASH_NAMES.includes(name)))
    throw new MalformedError(`expected only "Hash" headers before the signed text, found ${line.shown()}`);
}

const LONGEST_HEADER = 200;

/** What a line signs: without the escape in front of a dash, and without blanks at its end. */
function unescapeLine(line: Lines): Uint8Array {
  const { bytes, start, stop } = line;
  const isEscaped = stop > start && bytes[start] === DASH;
  if (isEscaped && (stop < start + 2 || bytes[start + 1] !== BLANK))
    throw new MalformedError(`line ${line.number} starts with a dash that is not escaped: ${line.shown()}`);
  const text = bytes.subarray(isEscaped ? start + 2 : start, stop);
  if (text.includes(RETURN) || text.includes(0))
    throw new MalformedError(`line ${line.number} holds a carriage return or a NUL: ${line.shown()}`);
  let length = text.length;
  while (length > 0 && (text[length - 1] === BLANK || text[length - 1] === TAB)) length--;
  return text.subarray(0, length);
}

function put(target: Uint8Array, at: number, bytes: Uint8Array): number {
  target.set(bytes, at);
  return at + bytes.length;
}

/** Lines joined by LF instead of CRLF; there is no other carriage return in them. */
function withoutReturns(signed: Uint8Array): Uint8Array {
  const text = new Uint8Array(signed.length);
  let length = 0;
  for (const byte of signed) if (byte !== RETURN) text[length++] = byte;
  return text.subarray(0, length);
}

/** The packets of the block, behind which there may be nothing but white space. */
function decodeSignature(bytes: Uint8Array, from: number): Uint8Array {
  const text = latin1(bytes, from, Math.min(bytes.length, from + SIGNATURE_LIMIT));
  const last = /\n-----END PGP SIGNATURE-----(?:\r?\n|$)/.exec(text);
  if (last === null && bytes.length - from > SIGNATURE_LIMIT)
    throw new MalformedError(`expected a signature of at most ${SIGNATURE_LIMIT} bytes, found more`);
  const end = last === null ? bytes.length : from + last.index + last[0].length;
  let after = end;
  while (after < bytes.length && WHITE_SPACE.has(bytes[after] ?? 0)) after++;
  if (after < bytes.length) {
    const next = bytes.indexOf(LINE_FEED, after);
    const found = excerptOf(bytes, after, next < 0 ? bytes.length : next);
    throw new MalformedError(`expected nothing after the block "PGP SIGNATURE", found ${found}`);
  }
  return decodeArmor('PGP SIGNATURE', text.slice(0, end - from));
}

const WHITE_SPACE = new Set([TAB, LINE_FEED, RETURN, BLANK]);

/** The beginning of some text, for messages. */
function excerptOf(bytes: Uint8Array, from: number, to: number): string {
  return excerpt(latin1(bytes, from, Math.min(to, from + 100)));
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
