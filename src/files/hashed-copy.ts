import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { Sha256 } from '../digest.ts';

/**
 * Writes bytes to a new file, which nobody may write to afterwards, and hashes exactly what is written. Returns whether
 * that has this digest; if not, or on an error, the file is gone. A file or a link that is there already is an error.
 * @throws the error of the file system, or of the one who gives the bytes
 */
export async function copyHashed(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  sha256: Sha256,
): Promise<boolean> {
  const file = await open(path, 'wx', 0o400);
  let isSame = false;
  try {
    const hash = createHash('sha256');
    for await (const chunk of chunks) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    isSame = hash.digest('hex') === sha256;
    return isSame;
  } finally {
    await file.close();
    if (!isSame) await rm(path, { force: true });
  }
}
