import { decodeUtf8 } from '../../encoding.ts';
import { messageOf } from '../../errors.ts';
import { BODY_SHAPES, misfit } from './body-shape.ts';
import { excessOf } from './json-limits.ts';
import { invalid, invalidity, Refusal } from './refusal.ts';

/** The members of a JSON object, whatever they are. */
export type Members = Readonly<Record<string, unknown>>;

/**
 * The object in the body of a search, which the API calls by this name.
 * @throws Refusal when it is empty (422), larger than any request, or no JSON object with members of the right types (400)
 */
export function parseBody(bytes: Uint8Array, name: 'entry' | 'query'): Members {
  if (bytes.length === 0) throw invalid(invalidity.required, `${name} in body is required`);
  refuseExcess(bytes);
  try {
    return parseObject(bytes, name);
  } catch (error) {
    throw unreadable(name, messageOf(error));
  }
}

/** The refusal of a search that cannot be read. */
export function unreadable(name: 'entry' | 'query', why: string): Refusal {
  return new Refusal(400, `parsing ${name} body from "" failed, because ${why}`);
}

/**
 * The object in the body of an upload. Rekor blames itself for one that is not JSON, and so does this.
 * @throws Refusal when it is empty (422), larger than any request (400) or no JSON object (500)
 */
export function parseUpload(bytes: Uint8Array): Members {
  if (bytes.length === 0) throw invalid(invalidity.required, 'proposedEntry in body is required');
  refuseExcess(bytes);
  try {
    return parseObject(bytes, 'proposedEntry');
  } catch (error) {
    throw new Refusal(500, messageOf(error));
  }
}

function refuseExcess(bytes: Uint8Array): void {
  const excess = excessOf(bytes);
  if (excess !== undefined) throw new Refusal(400, `expected a request of the API, found ${excess}`);
}

function parseObject(bytes: Uint8Array, name: keyof typeof BODY_SHAPES): Members {
  const text = decodeUtf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The parser names the position of an unexpected character; at the end of the text there is none.
    const position = Number(/at position ([0-9]+)/.exec(messageOf(error))?.[1] ?? text.length);
    throw new Error(position >= text.length ? 'unexpected EOF' : 'invalid character in JSON', {
      cause: error,
    });
  }
  return asBody(value, name);
}

/**
 * The members of a value, read as Rekor reads a body of this name: `null` is an object without members.
 * @throws Error in Rekor's words when it has other types
 */
export function asBody(value: unknown, name: keyof typeof BODY_SHAPES): Members {
  const why = misfit(value ?? {}, BODY_SHAPES[name]);
  if (why !== undefined) throw new Error(why);
  return (value ?? {}) as Members;
}

/** The member of a value; undefined if the value is not an object. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Members)[name] : undefined;
}
