import { MalformedError } from './errors.ts';
import { withoutCredentials } from './redaction.ts';

/**
 * Strict encodings: each value has exactly one accepted spelling, everything else is a `MalformedError`.
 */

/** Bytes of lower-case hexadecimal text. @throws MalformedError on any other character or an odd length. */
export function decodeHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text))
    throw new MalformedError(`not lower-case hexadecimal: ${excerpt(text)}`);
  return Buffer.from(text, 'hex');
}

/** Lower-case hexadecimal text of the bytes. */
export function encodeHex(bytes: Uint8Array): string {
  return view(bytes).toString('hex');
}

/**
 * Bytes of base64 text (RFC 4648 section 4, padded, no line breaks, zero pad bits).
 * @throws MalformedError on any other spelling.
 */
export function decodeBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new MalformedError(`not canonical base64: ${excerpt(text)}`);
  return bytes;
}

/** Base64 text (RFC 4648 section 4) of the bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  return view(bytes).toString('base64');
}

/**
 * The non-negative integer that the text spells in decimal without sign or leading zeros.
 * @throws MalformedError on any other spelling and above 2^53 - 1.
 */
export function parseDecimal(text: string): number {
  const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw new MalformedError(`not a decimal number: ${excerpt(text)}`);
  return value;
}

/** Text of UTF-8 bytes. @throws MalformedError on bytes that are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new MalformedError('not UTF-8 text');
  }
}

/** The text with its percent escapes decoded (RFC 3986 2.1); undefined: they are malformed, or not UTF-8. */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** UTF-8 bytes of the text. */
export function encodeUtf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** Whether both hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return view(a).equals(b);
}

/** RFC 3339 text, in UTC and whole seconds, of a time in seconds since 1970. */
export function formatTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds} seconds after 1970`;
  return date.toISOString().replace(/\.[0-9]{3}Z$/, 'Z');
}

/**
 * The first `limit` characters of a text, as a text of its own: a plain slice would keep the whole text in memory for as
 * long as it is kept itself. Half a surrogate pair at the cut becomes U+FFFD.
 */
export function cut(text: string, limit: number): string {
  return text.length > limit ? Buffer.from(text.slice(0, limit), 'utf8').toString('utf8') : text;
}

/**
 * Foreign text made safe for one line of a message: quoted, escaped and cut at `limit` characters. The
 * credentials of URLs are removed before the cut, because half a URL could no longer be recognised.
 */
export function excerpt(foreign: string, limit = 60): string {
  const text = withoutCredentials(foreign);
  const shown = text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/g,
    escape,
  );
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
