import { createHash } from 'node:crypto';
import { MalformedError } from './errors.ts';
import { encodeHex, excerpt } from './encoding.ts';

/** A SHA-256 value as 64 lower-case hexadecimal digits. */
export type Sha256 = string & { readonly brand: 'SHA-256' };

/** SHA-256 over the concatenation of the parts: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256 over the concatenation of the parts, in hexadecimal. */
export function sha256Hex(...parts: readonly Uint8Array[]): Sha256 {
  return encodeHex(sha256(...parts)) as Sha256;
}

/** The digest that 64 lower-case hexadecimal digits spell. @throws MalformedError on any other text. */
export function parseSha256(text: string): Sha256 {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new MalformedError(`not a SHA-256 digest: ${excerpt(text)}`);
  return text as Sha256;
}
