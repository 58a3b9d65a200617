import { MalformedError } from '../errors.ts';

/**
 * The bytes of the armored block of this type in a text (RFC 9580 6.2), read generously: they are shown, and prove nothing.
 * @throws MalformedError if there is none, or it has no base64
 */
export function bytesOfArmor(type: 'PGP PUBLIC KEY BLOCK', text: string): Uint8Array {
  const begin = `-----BEGIN ${type}-----`;
  const from = text.indexOf(begin);
  const to = text.indexOf(`-----END ${type}-----`, from);
  if (from < 0 || to < 0) throw new MalformedError(`expected an armored block "${type}", found none`);
  const lines = text.slice(from + begin.length, to).split('\n');
  // Headers end with an empty line. The line with the checksum begins with "=".
  const body = lines.slice(lines.findIndex((line, at) => at > 0 && line.trim() === '') + 1);
  return bytesOfBase64(
    body
      .map((line) => line.trim())
      .filter((line) => !line.startsWith('='))
      .join(''),
  );
}

/** The bytes of base64 text. @throws MalformedError on anything else */
export function bytesOfBase64(text: string): Uint8Array {
  let octets: string;
  try {
    octets = atob(text);
  } catch {
    throw new MalformedError('expected base64, found something else');
  }
  return Uint8Array.from(octets, (octet) => octet.charCodeAt(0));
}

/** Base64 text (RFC 4648 4) of bytes. */
export function base64Of(bytes: Uint8Array): string {
  let octets = '';
  // In pieces, because each byte is an argument.
  for (let at = 0; at < bytes.length; at += PIECE)
    octets += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(octets);
}

const PIECE = 8192;
