import { MalformedError } from '../errors.ts';
import { parseJson } from '../shape.ts';

/** Whether the bytes say of themselves that they are a Sigstore bundle; whether they are one, who parses them says. */
export function isSigstoreBundle(bytes: Uint8Array): boolean {
  try {
    const json = parseJson(bytes) as { readonly mediaType?: unknown } | null;
    return typeof json?.mediaType === 'string' && json.mediaType.startsWith(MEDIA_TYPES);
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

const MEDIA_TYPES = 'application/vnd.dev.sigstore.bundle';
