/** The longest provenance, in bytes, that is read; real ones have a few kilobytes. */
export const PROVENANCE_LIMIT = 4 * 1024 * 1024;
