import type * as z from './zod.ts';
import { MalformedError } from './errors.ts';
import { decodeUtf8, excerpt } from './encoding.ts';

/** Deeper than any value that is read here, and nothing that it costs memory to parse. */
const MAX_DEPTH = 100;

/**
 * The JSON value (RFC 8259) of UTF-8 bytes.
 * @throws MalformedError naming HTML and emptiness as what they are, and on a value nested too deep
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  if (depthOf(bytes) > MAX_DEPTH) throw new MalformedError(`JSON nested more than ${MAX_DEPTH} deep`);
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

/** How deep the brackets of JSON nest; those in strings do not count. */
function depthOf(bytes: Uint8Array): number {
  let deepest = 0;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isInString && byte === BACKSLASH) at++;
    else if (byte === QUOTE) isInString = !isInString;
    else if (!isInString && (byte === OPEN_BRACKET || byte === OPEN_BRACE))
      deepest = Math.max(deepest, ++depth);
    else if (!isInString && (byte === CLOSE_BRACKET || byte === CLOSE_BRACE)) depth--;
  }
  return deepest;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
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

// A schema may bring words of its own for what it expects.
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
