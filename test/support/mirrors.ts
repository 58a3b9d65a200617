import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../src/digest.ts';
import { formatManifest, type Manifest } from '../../src/mirror/manifest.ts';
import { parseManifest } from '../../src/mirror/parse-manifest.ts';

/** What the manifest of a mirror says. */
export async function manifestOf(directory: string): Promise<Manifest> {
  return parseManifest(await readFile(join(directory, 'manifest.json')));
}

/** Makes the manifest say what is there: what an attacker does, who has all of the directory. */
export async function remanifest(
  directory: string,
  change: (manifest: Manifest) => Manifest = (same) => same,
): Promise<void> {
  const manifest = change(await manifestOf(directory));
  const files = await Promise.all(
    manifest.files.map(async ({ path }) => {
      const bytes = await readFile(join(directory, path));
      return { path, size: bytes.length, sha256: sha256Hex(bytes) };
    }),
  );
  await writeFile(join(directory, 'manifest.json'), formatManifest({ ...manifest, files }));
}
