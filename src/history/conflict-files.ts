import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../digest.ts';
import { formatTime } from '../encoding.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Conflict } from '../verification/consistency.ts';

/** Where and when two checkpoints were seen to contradict each other. */
export interface Occasion {
  readonly server: string;
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * Keeps two checkpoints that contradict each other, as evidence against their log, in a file of the directory and
 * returns its path. The same conflict is kept once.
 * @throws the error of the file system
 */
export async function keepConflict(
  directory: string,
  { before, now, reason }: Conflict,
  occasion: Occasion,
): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const roots = sha256Hex(before.rootHash, now.rootHash).slice(0, 8);
  const path = join(directory, `${before.treeId}-${before.size}-${now.size}-${roots}.json`);
  const content = {
    server: occasion.server,
    seen: formatTime(occasion.now),
    reason,
    before: { logId: before.logId, checkpoint: before.checkpoint },
    now: { logId: now.logId, checkpoint: now.checkpoint },
  };
  await replaceFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
  return path;
}
