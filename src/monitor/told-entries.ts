import type { ToldEntry } from './state.ts';

/** Entries that were told, by their leaf hashes. */
type Told = ReadonlyMap<string, ToldEntry>;

/** The archives of which an entry is known, by their digests. */
export function loggedIn(told: Told): ReadonlySet<string> {
  const logged = new Set<string>();
  for (const { outcome, signed } of told.values())
    if (outcome === 'published' && signed !== undefined) logged.add(signed.hex);
  return logged;
}

/** The leaf hashes of those that were unknown, by what they are about (`sha256:HEX`), as far as that is known. */
export function unknownIn(told: Told): ReadonlyMap<string, string> {
  const unknown = new Map<string, string>();
  for (const [leaf, { outcome, signed }] of told)
    if (outcome === 'unknown' && signed !== undefined) unknown.set(`${signed.algorithm}:${signed.hex}`, leaf);
  return unknown;
}

/** What is remembered of an entry for an archive. */
export function sha256Of({ sha256 }: { readonly sha256: string }): { algorithm: 'sha256'; hex: string } {
  return { algorithm: 'sha256', hex: sha256 };
}
