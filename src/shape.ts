import type * as z from './zod.ts';
import { MalformedError } from './errors.ts';
import { decodeUtf8, excerpt } from './encoding.ts';

/** Deeper than any honest value, and still cheap to parse. */
const MAX_DEPTH = 100;
/**
 * More objects, arrays and members than in any honest value. Each takes few bytes of JSON, but fifty in
 * memory.
 */
const MAX_NODES = 100_000;

/**
 * The JSON value (RFC 8259) of UTF-8 bytes.
 * @throws MalformedError on anything else (HTML and empty input are named), and if it is too deep or has too
 * many parts
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  const { depth, nodes } = extentOf(bytes);
  if (depth > MAX_DEPTH) throw new MalformedError(`JSON nested more than ${MAX_DEPTH} deep`);
  if (nodes > MAX_NODES)
    throw new MalformedError(`JSON of more than ${MAX_NODES} objects, arrays and members`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new MalformedError(`expected JSON, found ${describeText(text)}`);
  }
}

/** A schema that is made when it is first needed: to make all of them would cost every start 4 ms. */
export function lateSchema<Schema>(make: () => Schema): () => Schema {
  let made: Schema | undefined;
  return () => (made ??= make());
}

/**
 * The value in the shape that the schema describes.
 * @throws MalformedError naming the first member that differs, what was expected there and what was found.
 */
export function checkShape<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  const place = path.length === 0 ? '' : `${path.map(String).join('.')}: `;
  throw new MalformedError(`${place}expected ${expectation(issue)}, found ${nameOf(valueAt(value, path))}`);
}

/**
 * The depth of the brackets of JSON, and how many objects, arrays and members it has; strings are skipped.
 */
function extentOf(bytes: Uint8Array): { depth: number; nodes: number } {
  let deepest = 0;
  let depth = 0;
  let nodes = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === COLON) nodes++;
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      nodes++;
      deepest = Math.max(deepest, ++depth);
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--;
  }
  return { depth: deepest, nodes };
}

/**
 * The quote that ends the string which starts at a quote, or the end of all: one without a backslash before it that counts.
 * Most of JSON is strings, and most strings are long, so this looks at few of their characters itself.
 */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let from = start + 1; ;) {
    const quote = bytes.indexOf(QUOTE, from);
    if (quote < 0) return bytes.length;
    let backslash = quote;
    while (backslash > from && bytes[backslash - 1] === BACKSLASH) backslash--;
    if ((quote - backslash) % 2 === 0) return quote;
    from = quote + 1;
  }
}

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [OPEN_BRACKET, CLOSE_BRACKET] = [0x5b, 0x5d];
const [OPEN_BRACE, CLOSE_BRACE] = [0x7b, 0x7d];

function describeText(text: string): string {
  if (text.trim() === '') return 'nothing';
  return /^\s*<(?:!doctype|html|\?xml|head|body)/i.test(text) ? 'an HTML page' : excerpt(text);
}

const articles: Partial<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
};

// A schema may have its own message for what it expects.
function expectation(issue: z.core.$ZodIssue | undefined): string {
  if (issue && issue.message !== 'Invalid input') return issue.message;
  if (issue?.code === 'invalid_type') return articles[issue.expected] ?? issue.expected;
  if (issue?.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value)).join(' or ');
  if (issue?.code === 'unrecognized_keys') return `no member ${excerpt(issue.keys[0] ?? '')}`;
  return 'another value';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (parent, key) => (parent as Partial<Record<PropertyKey, unknown>> | undefined)?.[key],
    value,
  );
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  // What is left are strings, numbers, booleans and null.
  return typeof value === 'string' ? excerpt(value) : JSON.stringify(value);
}
