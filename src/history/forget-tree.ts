import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { isPresent } from '../files/is-present.ts';
import { lockDirectory } from '../files/lock.ts';
import { listedServer, updateListings } from './listings-file.ts';
import { withoutTree } from './listings.ts';
import { seenTreePath, TREE_LOCK } from './seen-tree-files.ts';

/**
 * The log IDs of the keys under which something is remembered of a tree.
 * @throws InputError when the directory cannot be read
 */
export async function keysOfTree(directory: string, treeId: string): Promise<string[]> {
  const logIds = (await namesIn(directory)).filter((name) => /^[0-9a-f]{64}$/.test(name)).sort();
  const found: string[] = [];
  for (const logId of logIds) if (await isPresent(seenTreePath(directory, logId, treeId))) found.push(logId);
  return found;
}

/**
 * Forgets a tree under a key: its checkpoints and sightings, and when servers listed it. What accuses a log is kept.
 * @returns the files that were removed
 * @throws InputError when one cannot be removed
 */
export async function forgetTree(directory: string, logId: string, treeId: string): Promise<string[]> {
  try {
    const path = seenTreePath(directory, logId, treeId);
    const lock = await lockDirectory(join(directory, logId), TREE_LOCK);
    try {
      await rm(path, { force: true });
    } finally {
      await lock.release();
    }
    for (const name of await namesIn(join(directory, 'listings'))) {
      const server = await serverIn(join(directory, 'listings', name));
      if (server !== undefined)
        await updateListings(directory, server, (before) => withoutTree(before, treeId));
    }
    return [path];
  } catch (error) {
    throw new InputError(`cannot forget tree ${treeId}: ${messageOf(error)}`);
  }
}

async function serverIn(path: string): Promise<string | undefined> {
  if (!path.endsWith('.json')) return undefined;
  try {
    return listedServer(await readFile(path));
  } catch (error) {
    // What is damaged counts for nothing, and is replaced when the server lists something.
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw new InputError(`cannot read ${directory}: ${messageOf(error)}`);
  }
}
