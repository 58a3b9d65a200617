import { encodeBase64 } from '../encoding.ts';

/** What the index of a log is asked for; exactly one of them. */
export type SearchQuery =
  | { readonly sha256: string }
  | { readonly email: string }
  /** A certificate, binary or armored; found only by the very bytes that the log stored of it. */
  | { readonly publicKey: Uint8Array };

/** The body of a request to the index, `index/retrieve`. */
export function searchBody(query: SearchQuery): object {
  if ('sha256' in query) return { hash: `sha256:${query.sha256}` };
  if ('email' in query) return { email: query.email };
  return { publicKey: { format: 'pgp', content: encodeBase64(query.publicKey) } };
}
