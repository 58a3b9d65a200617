import type { Sha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { foldAsGo } from '../go-names.ts';
import { parseDigest } from './reference.ts';

/** What a manifest says of content: its media type, its size in bytes, and its digest. Image specification 1.1, "Descriptor". */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Sha256;
  readonly size: number;
}

/** A JSON object whose members have not been looked at. */
export type JsonMembers = Readonly<Record<string, unknown>>;

/** The descriptor that JSON spells. @param place where it stands, for messages @throws MalformedError */
export function parseDescriptor(json: unknown, place: string): Descriptor {
  const { mediaType, digest, size } = objectMembers(json, place, ['mediaType', 'digest', 'size']);
  if (typeof mediaType !== 'string' || !MEDIA_TYPE.test(mediaType))
    throw new MalformedError(`${place}.mediaType: expected a media type, found ${shown(mediaType)}`);
  if (typeof digest !== 'string')
    throw new MalformedError(`${place}.digest: expected a digest, found ${shown(digest)}`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new MalformedError(`${place}.size: expected a number of bytes, found ${shown(size)}`);
  return { mediaType, digest: parseDigest(digest), size };
}

/** The list that JSON spells. @throws MalformedError if it is none, or longer than the limit */
export function parseList(json: unknown, place: string, limit: number): readonly unknown[] {
  if (!Array.isArray(json)) throw new MalformedError(`${place}: expected a list, found ${shown(json)}`);
  if (json.length > limit)
    throw new MalformedError(`${place}: expected at most ${limit} elements, found ${json.length}`);
  return json;
}

/** The text that a member spells; undefined where there is none. @throws MalformedError on anything else */
export function parseText(json: unknown, place: string): string | undefined {
  if (json === undefined || typeof json === 'string') return json;
  throw new MalformedError(`${place}: expected a text, found ${shown(json)}`);
}

/**
 * The members of a JSON object. Go, in which Helm is written, reads names of members without regard to case: an object in
 * which that makes a difference means one thing to Helm and another to us.
 * @param known the names that are read
 * @throws MalformedError on anything but an object, and on other spellings of these names
 */
export function objectMembers(json: unknown, place: string, known: readonly string[]): JsonMembers {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new MalformedError(`${place}: expected an object, found ${shown(json)}`);
  const folded = new Set(known.map(foldAsGo));
  for (const name of Object.keys(json))
    if (!known.includes(name) && folded.has(foldAsGo(name)))
      throw new MalformedError(`${place}: the member ${excerpt(name)} is spelt otherwise`);
  return { ...json };
}

/** RFC 6838 4.2. */
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

function shown(value: unknown): string {
  if (typeof value === 'string') return excerpt(value);
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}
