import type * as z from 'zod/mini';
import { MalformedError } from './errors.ts';
import { decodeUtf8, excerpt } from './encoding.ts';

/** The JSON value (RFC 8259) of UTF-8 bytes. @throws MalformedError naming HTML and emptiness as what they are */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new MalformedError(`expected JSON, found ${describeText(text)}`);
  }
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
