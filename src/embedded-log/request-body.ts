import { decodeUtf8 } from '../encoding.ts';
import { messageOf } from '../errors.ts';
import { invalid, invalidity, Refusal } from './refusal.ts';

/** The members of a JSON object, whatever they are. */
export type Members = Readonly<Record<string, unknown>>;

/**
 * The object in the body of a request, which the API calls by this name.
 * @throws Refusal when it is empty (422) or no JSON object (400)
 */
export function parseBody(bytes: Uint8Array, name: string): Members {
  if (bytes.length === 0) throw invalid(invalidity.required, `${name} in body is required`);
  try {
    return parseObject(bytes);
  } catch (error) {
    throw new Refusal(400, `parsing ${name} body from "" failed, because ${messageOf(error)}`);
  }
}

/**
 * The object in the body of an upload. Rekor blames itself for one that is not JSON, and so does this.
 * @throws Refusal when it is empty (422) or no JSON object (500)
 */
export function parseUpload(bytes: Uint8Array): Members {
  if (bytes.length === 0) throw invalid(invalidity.required, 'proposedEntry in body is required');
  try {
    return parseObject(bytes);
  } catch (error) {
    throw new Refusal(500, messageOf(error));
  }
}

function parseObject(bytes: Uint8Array): Members {
  const text = decodeUtf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The parser names the position of what it did not expect, if there was anything.
    const position = Number(/at position ([0-9]+)/.exec(messageOf(error))?.[1] ?? text.length);
    throw new Error(position >= text.length ? 'unexpected EOF' : 'invalid character in JSON', {
      cause: error,
    });
  }
  if (Array.isArray(value))
    throw new Error('json: cannot unmarshal array into Go value of type models.targetedProposedEntry');
  if (typeof value !== 'object' || value === null)
    throw new Error(`json: cannot unmarshal ${typeof value} into a Go struct`);
  return value as Members;
}

/** The member of a value that may be no object at all. */
export function member(value: unknown, name: string): unknown {
  return asMembers(value)[name];
}

/** The members of a value; none when it is no object. */
export function asMembers(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
