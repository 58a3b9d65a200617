import { createHash } from 'node:crypto';
import { sha256Hex } from '../digest.ts';
import { equalBytes } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { parseStatement } from '../evidence/in-toto-statement.ts';
import type { SigstoreBundle } from '../evidence/sigstore-bundle.ts';
import { subjectsOf } from '../verification/statement-checks.ts';

/**
 * Whether a bundle is to be judged as one of the image manifest of a chart: what it says that it signs is that, and not the
 * archive. It only chooses what the bundle is held against; nothing is proven by it.
 * @param sha256 of the archive
 */
export function isAboutImage({ content }: SigstoreBundle, manifest: Uint8Array, sha256: string): boolean {
  if (content.kind === 'message') {
    const { algorithm, value } = content.digest;
    return equalBytes(createHash(algorithm).update(manifest).digest(), value);
  }
  try {
    const { subjects } = parseStatement(content);
    return subjectsOf(subjects, sha256).length === 0 && subjectsOf(subjects, sha256Hex(manifest)).length > 0;
  } catch (error) {
    // What is wrong with it, the judge says.
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

/** Bytes that are in memory, as those of a file come. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  await Promise.resolve();
  yield bytes;
}
