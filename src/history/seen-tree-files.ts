import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MalformedError, messageOf } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { lockDirectory, LockTimeoutError } from '../files/lock.ts';
import { readRegular } from '../files/regular-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { LogKey } from '../tlog/log-key.ts';
import { formatSeenTree, parseSeenTree } from './seen-tree-format.ts';
import type { SeenTree } from './seen-tree.ts';

/** The files `LOG-ID/TREE-ID.json` of a directory, as far as they are about trees under some keys. */
export interface SeenTrees {
  readonly trees: readonly SeenTree[];
  /** What is there and cannot be read: of one tree or, without its ID, of all trees under one key. */
  readonly lost: readonly LostTree[];
}

interface LostTree {
  readonly logId: string;
  readonly treeId?: string;
  readonly reason: string;
}

/** A run holds the lock for milliseconds, so these are long. */
export const TREE_LOCK = { patience: 2000, maxAge: 10_000 };

/** Reads the trees under these keys that were seen before. That there is nothing is no fault. */
export async function readSeenTrees(directory: string, keys: readonly LogKey[]): Promise<SeenTrees> {
  const byLogId = new Map(keys.map((key) => [key.logId, key]));
  const all = await Promise.all([...byLogId.values()].map((key) => readTrees(directory, key)));
  return { trees: all.flatMap(({ trees }) => trees), lost: all.flatMap(({ lost }) => lost) };
}

/**
 * Changes what is remembered of a tree, in one step, also where other runs do the same at this moment; writes only when
 * there is something new. A file that is damaged is replaced.
 * @throws the error of the file system, and LockTimeoutError
 */
export async function updateSeenTree(
  directory: string,
  key: LogKey,
  treeId: string,
  change: (stored: SeenTree | undefined) => SeenTree,
): Promise<SeenTree> {
  const home = join(directory, key.logId);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(home, TREE_LOCK);
  try {
    const path = seenTreePath(directory, key.logId, treeId);
    const stored = await readTree(path, key, treeId).catch(ignoreDamage);
    const changed = change(stored);
    const text = formatSeenTree(changed);
    if (stored !== undefined && text === formatSeenTree(stored)) return changed;
    // What others wrote meanwhile must not be lost.
    if (!(await lock.isHeld())) throw new LockTimeoutError(`the lock of ${home} was lost`);
    await replaceFile(path, text);
    return changed;
  } finally {
    await lock.release();
  }
}

/** Where a tree is remembered. */
export function seenTreePath(directory: string, logId: string, treeId: string): string {
  return join(directory, logId, `${treeId}.json`);
}

async function readTrees(directory: string, key: LogKey): Promise<SeenTrees> {
  const { logId } = key;
  const home = join(directory, logId);
  const trees: SeenTree[] = [];
  const lost: LostTree[] = [];
  let names: readonly string[] = [];
  try {
    names = await readdir(home);
  } catch (error) {
    if (!isAbsent(error)) lost.push({ logId, reason: `${home} cannot be read: ${messageOf(error)}` });
  }
  for (const name of names) {
    const treeId = /^([1-9][0-9]{0,18})\.json$/.exec(name)?.[1];
    if (treeId === undefined) continue;
    const path = join(home, name);
    try {
      const tree = await readTree(path, key, treeId);
      if (tree !== undefined) trees.push(tree);
    } catch (error) {
      const what = error instanceof MalformedError ? 'is damaged' : 'cannot be read';
      lost.push({ logId, treeId, reason: `${path} ${what}: ${messageOf(error)}` });
    }
  }
  return { trees, lost };
}

async function readTree(path: string, key: LogKey, treeId: string): Promise<SeenTree | undefined> {
  try {
    return parseSeenTree(await readRegular(path), key, treeId);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function ignoreDamage(error: unknown): undefined {
  if (error instanceof MalformedError) return undefined;
  throw error;
}

function isAbsent(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR');
}
