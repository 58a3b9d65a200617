import { join } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import { evidencePath } from '../evidence/evidence.ts';
import { CLAIM_ENDING, MANIFEST_ENDING, PROVENANCE_BUNDLE_ENDING } from '../evidence/sigstore-bundle.ts';
import { readChunks } from '../files/chunks.ts';
import { isDirectory } from '../files/is-directory.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { AcceptedChart } from '../proving/accepted-chart.ts';

/** @throws InputError if it is not there, as Helm makes none */
export async function requireDestination(destination: string): Promise<void> {
  if (!(await isDirectory(destination))) throw new InputError(`there is no directory ${destination}`);
}

/**
 * Puts the archive where `helm pull` would, with its provenance, its evidence and its Sigstore bundles beside it. Each file is there
 * whole or not at all, the archive last.
 * @throws InputError if one of them cannot be written
 */
export async function placePulled(
  { archive, fileName, provenance, evidence, provenanceBundle, bundle }: AcceptedChart,
  destination: string,
): Promise<void> {
  const path = join(destination, fileName);
  try {
    if (provenance) await replaceFile(`${path}.prov`, provenance, FOR_ALL);
    if (evidence) await replaceFile(evidencePath(path), evidence, FOR_ALL);
    if (provenanceBundle) await replaceFile(path + PROVENANCE_BUNDLE_ENDING, provenanceBundle, FOR_ALL);
    if (bundle) await replaceFile(`${path}.sigstore.json`, bundle.bytes, FOR_ALL);
    if (bundle?.manifest) await replaceFile(path + MANIFEST_ENDING, bundle.manifest, FOR_ALL);
    if (bundle?.claim) await replaceFile(path + CLAIM_ENDING, bundle.claim, FOR_ALL);
    await replaceFile(
      path,
      async (file) => {
        for await (const chunk of readChunks(archive, CHUNK)) await file.writeFile(chunk);
      },
      FOR_ALL,
    );
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${messageOf(error)}`, undefined, { cause: error });
  }
}

const FOR_ALL = { mode: 0o644 };
const CHUNK = 1 << 20;
