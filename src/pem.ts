import { decodeBase64, encodeBase64 } from './encoding.ts';
import { MalformedError } from './errors.ts';

/**
 * The DER bytes of a text that is one PEM block of this label and nothing else but white space around it (RFC 7468).
 * @throws MalformedError on anything else; the message holds no part of the text, which may be a private key
 */
export function derOfPem(text: string, label: 'CERTIFICATE' | 'PUBLIC KEY'): Uint8Array {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  const trimmed = text.trim();
  const base64 = trimmed.slice(begin.length, -end.length);
  if (!trimmed.startsWith(begin) || !trimmed.endsWith(end) || base64.includes('-'))
    throw new MalformedError(`expected one PEM block "${label}", found something else`);
  return decodeBase64(base64.replaceAll(/\s/g, ''));
}

/** The PEM text of DER bytes, as Go writes it: lines of 64 characters, each with a line end (RFC 7468, 2). */
export function pemOf(der: Uint8Array, label: 'CERTIFICATE' | 'PUBLIC KEY'): string {
  const lines = encodeBase64(der).replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
