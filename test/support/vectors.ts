import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of vectors made by others: `HELM_SIGSTORE_VECTORS`, else `shared/vectors` beside the checkout.
 * Without it the tests that need it are skipped, and say so; in CI it must be there.
 */
export const vectors: string | undefined = locate();

/** The path of a file below the vectors. Only for tests that are skipped without them. */
export function vectorPath(...parts: string[]): string {
  if (vectors === undefined) throw new Error('there are no vectors here');
  return join(vectors, ...parts);
}

/** The bytes of a file of the vectors. */
export function readVector(...parts: string[]): Uint8Array {
  return readFileSync(vectorPath(...parts));
}

/** The parsed JSON of a file of the vectors; the caller knows its shape. */
export function readVectorJson(...parts: string[]): unknown {
  return JSON.parse(readFileSync(vectorPath(...parts), 'utf8'));
}

function locate(): string | undefined {
  const named = process.env['HELM_SIGSTORE_VECTORS'];
  const folder = named ? named : fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
  if (existsSync(folder)) return folder;
  if (named || process.env['CI'] === 'true') throw new Error(`no vectors in ${folder}`);
  return undefined;
}
