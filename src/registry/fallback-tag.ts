import type { Sha256 } from '../digest.ts';

/**
 * The tag under which the referrers of a manifest are listed where a registry has no API for them: distribution specification
 * 1.1, "Referrers Tag Schema".
 */
export function fallbackTag(digest: Sha256): string {
  return `sha256-${digest}`;
}

/** The tag under which cosign 2 kept the signatures over a manifest (cosign, specs/SIGNATURE_SPEC.md, "Tag-based Discovery"). */
export function signatureTag(digest: Sha256): string {
  return `${fallbackTag(digest)}.sig`;
}

/** Whether a tag is one that clients make for what is attached to a manifest, perhaps with more behind it. */
export function isFallbackTag(tag: string): boolean {
  return /^sha256-[0-9a-f]{64}/.test(tag);
}
