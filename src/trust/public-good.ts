import { parseTrustedRoot, type RootLog } from './trusted-root.ts';

/** The only address for which Sigstore's own root counts without being asked for. */
export const PUBLIC_LOG = 'https://rekor.sigstore.dev';

/** Sigstore's trusted root as it comes with this version: its logs, and the day that it is of. */
export interface BuiltInRoot {
  readonly logs: readonly RootLog[];
  /** YYYY-MM-DD */
  readonly date: string;
}

/** Loads the built-in root; scripts/extract-trust-root.mjs made it. */
export async function loadBuiltInRoot(): Promise<BuiltInRoot> {
  const { default: file } = await import('./public-good.json', { with: { type: 'json' } });
  return { logs: parseTrustedRoot(file.trustedRoot), date: file.date };
}
