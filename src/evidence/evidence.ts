import type { LoggedEntry } from '../tlog/logged-entry.ts';

/** What proves that a chart was logged, as it is kept beside the chart. Nothing of it is proven. */
export interface Evidence {
  /** The address of the log that gave the entries: a hint for people, never a reason to trust. */
  readonly log: string;
  /** One to `MAX_ENTRIES`. Each has the ID that its body and the origin of its checkpoint make. */
  readonly entries: readonly LoggedEntry[];
}

/** Names the format. Another version of it is another media type. */
export const MEDIA_TYPE = 'application/vnd.helm-sigstore.evidence.v1+json';

/** What the body of every entry is. */
export const ENTRY_KIND = { kind: 'helm', version: '0.0.1' } as const;

/** The most bytes of an evidence file; one of a usual chart has four thousand. */
export const EVIDENCE_LIMIT = 1 << 20;
/** One leaf may be in several trees of a log. No log has been rotated so often. */
export const MAX_ENTRIES = 16;
/** Characters of the address of a log. */
export const MAX_ADDRESS = 2048;

/** Where the evidence of the archive at this path is kept: beside it, as its provenance is. */
export function evidencePath(archivePath: string): string {
  return `${archivePath}.rekor.json`;
}
