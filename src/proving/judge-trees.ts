import { signedListing } from '../history/listed-trees.ts';
import type { SeenTree } from '../history/seen-tree.ts';
import type { OpenedLog } from '../run/log.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { judgeTree, UNCHECKED_TREE, type TreeReport } from '../verification/listed-tree.ts';

/**
 * The trees that a log lists and those that it should list, each compared with what was seen of it before; unchecked
 * where no key of the log is trusted.
 * @throws LogError when the log does not answer, or its answer makes no sense
 */
export async function judgeTrees(log: OpenedLog): Promise<TreeReport[]> {
  return log.trusted ? await judgedTrees(log, log.trusted) : await uncheckedTrees(log);
}

async function uncheckedTrees(log: OpenedLog): Promise<TreeReport[]> {
  const { trees } = signedListing(await log.connect().trees(), []);
  return trees.map((tree) => ({
    ...tree,
    state: stateOf(tree),
    report: UNCHECKED_TREE,
    lastSeen: undefined,
  }));
}

async function judgedTrees({ history, connect }: OpenedLog, trusted: TrustedLog): Promise<TreeReport[]> {
  const asked = { log: trusted, view: connect() };
  const { trees: before } = history;
  const listing = await history.list(asked);
  const reports: TreeReport[] = [];
  for (const tree of listing.trees) {
    const { checkpoint } = tree;
    const past = checkpoint
      ? await history.pastOfCheckpoint(checkpoint, { at: listing.answeredAt, by: trusted.url }, asked)
      : { kind: 'first' as const };
    const seen = before.find(({ logId, treeId }) => logId === checkpoint?.logId && treeId === tree.treeId);
    const lastSeen = seen && lastSeenOf(seen);
    const report = await judgeTree(tree, past, trusted);
    reports.push({ ...tree, state: stateOf(tree), report, lastSeen });
  }
  for (const { tree, past } of history.missingFrom(listing, trusted.url)) {
    const [checkpoint] = tree.lastSeen;
    const report = await judgeTree({ ...checkpoint, checkpoint }, past, trusted);
    reports.push({ ...checkpoint, state: 'missing', report, lastSeen: lastSeenOf(tree) });
  }
  return reports;
}

function stateOf({ isActive }: { readonly isActive: boolean }): TreeReport['state'] {
  return isActive ? 'active' : 'inactive';
}

function lastSeenOf({ sightings, lastSeen }: SeenTree): TreeReport['lastSeen'] {
  return sightings.at(-1) ?? { size: lastSeen[0].size };
}
