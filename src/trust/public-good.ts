import { parseTimestamp } from './timestamp.ts';
import { parseTrustedRoot, type RootLog } from './trusted-root.ts';

/** The only address for which Sigstore's own root counts by default. */
export const PUBLIC_LOG = 'https://rekor.sigstore.dev';

/** Sigstore's trusted root as it comes with this version: its logs, and the day on which it was current. */
export interface BuiltInRoot {
  readonly logs: readonly RootLog[];
  /** The whole of it: JSON. */
  readonly trustedRoot: unknown;
  /** The beginning of that day, in seconds since 1970. */
  readonly date: number;
}

/** Loads the built-in root; scripts/extract-trust-root.mjs made it. */
export async function loadBuiltInRoot(): Promise<BuiltInRoot> {
  const { default: file } = await import('./public-good.json', { with: { type: 'json' } });
  const { trustedRoot } = file;
  return { logs: parseTrustedRoot(trustedRoot), trustedRoot, date: parseTimestamp(`${file.date}T00:00:00Z`) };
}

/** Loads the built-in root of Sigstore's TUF repository, as JSON text; the same script made it. */
export async function loadTufRoot(): Promise<string> {
  const { default: file } = await import('./tuf-root.json', { with: { type: 'json' } });
  return JSON.stringify(file);
}
