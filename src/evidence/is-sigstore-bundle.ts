import { MalformedError } from '../errors.ts';
import { parseJson } from '../shape.ts';

/**
 * Whether the bytes say of themselves that they are a Sigstore bundle, in any form: that of cosign 2, or several, a line each.
 * Whether they are one, who parses them says.
 */
export function isSigstoreBundle(bytes: Uint8Array): boolean {
  const end = bytes.indexOf(NEWLINE);
  return says(bytes) || (end > 0 && says(bytes.subarray(0, end)));
}

const NEWLINE = 0x0a;

function says(bytes: Uint8Array): boolean {
  try {
    const json = parseJson(bytes) as { readonly mediaType?: unknown; readonly rekorBundle?: unknown } | null;
    if (typeof json !== 'object' || json === null) return false;
    return typeof json.mediaType === 'string'
      ? json.mediaType.startsWith(MEDIA_TYPES)
      : json.rekorBundle !== undefined;
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

const MEDIA_TYPES = 'application/vnd.dev.sigstore.bundle';
