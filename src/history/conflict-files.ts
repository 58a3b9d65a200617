import { lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from '../zod.ts';
import { sha256Hex } from '../digest.ts';
import { cut, formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { replaceFile } from '../files/replace-file.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import type { Conflict } from '../verification/consistency.ts';

/** A conflict, with the file in which it is kept as evidence, if it could be. */
export interface KeptConflict extends Conflict {
  readonly path?: string;
}

/**
 * Keeps two checkpoints that contradict each other, as evidence against their log, in a file of the directory and
 * returns its path. The same conflict is kept once.
 * @param server the URL at which it was seen
 * @param seen when, in seconds since 1970
 * @throws the error of the file system
 */
export async function keepConflict(
  directory: string,
  { before, now, reason }: Conflict,
  server: string,
  seen: number,
): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const roots = sha256Hex(before.rootHash, now.rootHash).slice(0, 8);
  const path = join(directory, `${before.treeId}-${before.size}-${now.size}-${roots}.json`);
  const content = {
    server,
    seen: formatTime(seen),
    reason,
    before: { logId: before.logId, checkpoint: before.note },
    now: { logId: now.logId, checkpoint: now.note },
  };
  await replaceFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
  return path;
}

/** A conflict that an earlier run kept. */
export interface ConflictOnFile {
  readonly path: string;
  /** Undefined where the file cannot be read. */
  readonly content?: {
    readonly server: string;
    /** RFC 3339. */
    readonly seen: string;
    readonly reason: string;
    /** Of the keys that signed the two checkpoints. */
    readonly logIds: readonly string[];
  };
}

/** The conflicts in a directory, in the order of their names; further ones than a hundred are not looked at. */
export async function readConflicts(directory: string): Promise<ConflictOnFile[]> {
  const names = await readdir(directory).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json')).toSorted();
  const conflicts: ConflictOnFile[] = [];
  for (const name of files.slice(0, MAX_FILES)) {
    const path = join(directory, name);
    const content = await readConflict(path);
    conflicts.push({ path, ...(content && { content }) });
  }
  return conflicts;
}

const MAX_FILES = 100;
const MAX_BYTES = 1 << 20;
const MAX_TEXT = 200;

const schema = lateSchema(() => {
  const signed = z.object({ logId: z.string() });
  return z.object({
    server: z.string(),
    seen: z.string(),
    reason: z.string(),
    before: signed,
    now: signed,
  });
});

async function readConflict(path: string): Promise<ConflictOnFile['content']> {
  try {
    const stat = await lstat(path);
    if (!stat.isFile() || stat.size > MAX_BYTES) return undefined;
    const { server, seen, reason, before, now } = checkShape(schema(), parseJson(await readFile(path)));
    const logIds = [before.logId, now.logId];
    return {
      server: cut(server, MAX_TEXT),
      seen: cut(seen, MAX_TEXT),
      reason: cut(reason, MAX_TEXT),
      logIds,
    };
  } catch (error) {
    if (error instanceof MalformedError || (error as NodeJS.ErrnoException).code !== undefined)
      return undefined;
    throw error;
  }
}
