import { LogError } from '../errors.ts';
import { conflictIn, type Past } from '../verification/consistency.ts';
import type { SignedCheckpoint } from '../verification/signed-checkpoint.ts';
import type { ListedTrees } from './listed-trees.ts';
import type { SeenTree } from './seen-tree.ts';

/**
 * Compares the trees that a log lists now with those that were seen of it, before it is believed that it has no entry:
 * the first past that holds a conflict, or undefined. Nothing is asked of a log that was never seen.
 * @param compare links a checkpoint to those seen before
 * @throws LogError `LOG_ANSWER` where the log shows less than it has: no signed checkpoint, or one of before
 */
export async function conflictingPast(
  { trees: listed }: ListedTrees,
  seen: readonly SeenTree[],
  server: string,
  compare: (checkpoint: SignedCheckpoint) => Promise<Past>,
): Promise<Past | undefined> {
  const checkpoints = listed.flatMap(({ checkpoint }) => checkpoint ?? []);
  const [now] = checkpoints;
  for (const checkpoint of checkpoints) {
    const past = await compare(checkpoint);
    if (conflictIn(past) !== undefined) return past;
  }
  for (const tree of seen.filter(({ servers }) => servers.includes(server))) {
    const [before] = tree.lastSeen;
    const present = checkpoints.find(({ treeId }) => treeId === tree.treeId);
    const how = listed.some(({ treeId }) => treeId === tree.treeId) ? 'not-signed' : 'not-listed';
    if (present === undefined && now !== undefined)
      return { kind: 'rotated', now, links: [], displaced: [{ before, how }] };
    if (present === undefined) throw shownLess(server, before, 'no checkpoint that a trusted key signed');
    if (present.size < before.size) throw shownLess(server, before, `one of size ${present.size}`);
  }
  return undefined;
}

/** The error that what a log shows is older than what was seen of it, although no signature of it contradicts another. */
function shownLess(server: string, { treeId, size }: SignedCheckpoint, found: string): LogError {
  return new LogError(
    'LOG_ANSWER',
    `${server} cannot say what it does not have: expected a checkpoint of tree ${treeId} of size ${size}, which was seen before, or a later one, found ${found}`,
    'try again later: a part of the log may lag behind; helm sigstore log info shows what the log lists',
  );
}
