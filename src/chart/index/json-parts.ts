import { decodeUtf8, excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';

/** A value in the bytes of JSON, from its first byte to behind its last. */
export interface JsonPart {
  readonly start: number;
  readonly end: number;
}

/** A member of an object. */
export interface JsonMember extends JsonPart {
  readonly name: string;
}

/**
 * The members of an object; a member that is there twice is given twice. A part is cut out, not looked into: whoever
 * parses it finds what is no JSON.
 * @throws MalformedError if it is no object
 */
export function* membersIn(bytes: Uint8Array, part: JsonPart): Generator<JsonMember> {
  for (const key of partsIn(bytes, part, '{}')) {
    const name = parsePart(bytes, key);
    if (typeof name !== 'string') throw noJson(bytes, key.start);
    const colon = skipBlanks(bytes, key.end);
    if (bytes[colon] !== COLON) throw noJson(bytes, colon);
    const start = skipBlanks(bytes, colon + 1);
    const end = endOf(bytes, start);
    yield { name, start, end };
    key.next = end;
  }
}

/** The elements of an array, in the same way. @throws MalformedError if it is no array */
export function* elementsIn(bytes: Uint8Array, part: JsonPart): Generator<JsonPart> {
  yield* partsIn(bytes, part, '[]');
}

/** Whether it is an array, if it is JSON. */
export function isArrayIn(bytes: Uint8Array, { start }: JsonPart): boolean {
  return bytes[start] === OPEN_BRACKET;
}

/** The value of a part. @throws MalformedError if it is no JSON, or has more values than anybody needs */
export function parsePart(bytes: Uint8Array, { start, end }: JsonPart): unknown {
  if (end - start > MAX_BYTES)
    throw new MalformedError(`expected JSON of at most ${MAX_BYTES} bytes in one place, found more`);
  let separators = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === COMMA || byte === OPEN_BRACE || byte === OPEN_BRACKET) separators++;
  }
  if (separators > MAX_VALUES)
    throw new MalformedError(`expected JSON of at most ${MAX_VALUES} values in one place, found more`);
  const text = decodeUtf8(bytes.subarray(start, end));
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw noJson(bytes, start);
  }
}

/** All of the bytes, without blanks around. @throws MalformedError if it is more than one value */
export function wholeOf(bytes: Uint8Array): JsonPart {
  const start = skipBlanks(bytes, 0);
  const end = endOf(bytes, start);
  const rest = skipBlanks(bytes, end);
  if (rest < bytes.length) throw noJson(bytes, rest);
  return { start, end };
}

/** Of one part: more than a chart's version has. */
const MAX_BYTES = 1 << 20;
const MAX_VALUES = 20_000;

interface Found extends JsonPart {
  /** Where to go on. */
  next: number;
}

/** What is between commas. Of a member only the name is given: the caller moves `next` behind its value. */
function* partsIn(bytes: Uint8Array, { start, end }: JsonPart, brackets: '{}' | '[]'): Generator<Found> {
  if (bytes[start] !== brackets.charCodeAt(0)) throw noJson(bytes, start, KINDS[brackets]);
  let at = skipBlanks(bytes, start + 1);
  const isLast = () => bytes[at] === brackets.charCodeAt(1) && at === end - 1;
  if (isLast()) return;
  for (;;) {
    const next = endOf(bytes, at);
    const found: Found = { start: at, end: next, next };
    yield found;
    at = skipBlanks(bytes, found.next);
    if (isLast()) return;
    if (bytes[at] !== COMMA) throw noJson(bytes, at);
    at = skipBlanks(bytes, at + 1);
  }
}

/** Behind the value that begins here. */
function endOf(bytes: Uint8Array, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      for (at++; bytes[at] !== QUOTE; at++) {
        if (bytes[at] === BACKSLASH) at++;
        if (at >= bytes.length) throw noJson(bytes, start);
      }
      if (depth === 0) return at + 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || byte === COLON || isBlank(byte))) return at;
  }
  return bytes.length;
}

function skipBlanks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isBlank(bytes[at])) at++;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function noJson(bytes: Uint8Array, at: number, kind = 'JSON, as it begins with a brace'): MalformedError {
  const found = Buffer.from(bytes.subarray(at, at + 60)).toString('utf8');
  return new MalformedError(`expected ${kind}, found ${found === '' ? 'the end' : excerpt(found)}`);
}

const KINDS = { '{}': 'an object in JSON', '[]': 'an array in JSON' } as const;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const [COMMA, COLON, QUOTE, BACKSLASH] = [0x2c, 0x3a, 0x22, 0x5c];
