import { sha256Hex } from '../digest.ts';
import { encodeBase64 } from '../encoding.ts';

/** What the index of a log is asked for; exactly one of them. */
export type SearchQuery =
  | { readonly sha256: string }
  | { readonly email: string }
  /** The name in a certificate; only Rekor 1.5.4 and later is asked for it. */
  | { readonly subject: string }
  /** A certificate, binary or armored; found only by the very bytes that the log stored of it. */
  | { readonly publicKey: Uint8Array }
  /** A PEM public key or X.509 certificate as Go writes it: lines of 64 characters, each with a line end. */
  | { readonly x509: Uint8Array };

/** The body of a request to the index, `index/retrieve`. */
export function searchBody(query: SearchQuery): object {
  if ('sha256' in query) return { hash: `sha256:${query.sha256}` };
  if ('email' in query) return { email: query.email };
  if ('subject' in query) return { subject: query.subject };
  // Entries of kind dsse stand in the index by the digest of the PEM text, and those of others by the key.
  if ('x509' in query)
    return {
      publicKey: { format: 'x509', content: encodeBase64(query.x509) },
      hash: `sha256:${sha256Hex(query.x509)}`,
      operator: 'or',
    };
  return { publicKey: { format: 'pgp', content: encodeBase64(query.publicKey) } };
}
