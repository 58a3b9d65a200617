import type { HostileLog, Leaf } from './hostile-log.ts';
import { ReferenceTree } from './independent/tree.mjs';

/** Takes back all leaves of the active tree from this index on, as if they had never been logged. */
export function rollBack(log: HostileLog, size: number): void {
  rewrite(log, (leaves) => leaves.slice(0, size));
}

/** Puts another leaf in the place of one of the active tree, as if it had always been there. */
export function replaceLeaf(log: HostileLog, index: number): void {
  const body = Buffer.from('{"kind":"another"}');
  rewrite(log, (leaves) => leaves.map((leaf) => (leaf.index === index ? { ...leaf, body } : leaf)));
}

/** All trees vanish, and a new and empty one takes what comes. */
export function startAnew(log: HostileLog): void {
  const { treeId } = log.active;
  log.shards.length = 0;
  log.shards.push({ ...log.addShard(), treeId: `${BigInt(treeId) + 1000n}` });
  log.shards.shift();
}

/** Lets the active tree begin at another index over all trees. */
export function moveTree(log: HostileLog, offset: number): void {
  const { leaves, ...shard } = log.active;
  log.shards.splice(-1, 1, { ...shard, offset, leaves: [], tree: new ReferenceTree() });
  for (const { body, integratedTime } of leaves) log.append(body, { integratedTime });
}

/** Lists the tree that was begun last as one that was frozen before the others. */
export function pretendOlder(log: HostileLog): void {
  log.shards.unshift(...log.shards.splice(-1));
}

function rewrite(log: HostileLog, change: (leaves: readonly Leaf[]) => readonly Leaf[]): void {
  const { leaves, ...shard } = log.active;
  log.shards.splice(-1, 1, { ...shard, leaves: [], tree: new ReferenceTree() });
  for (const { body, integratedTime } of change(leaves)) log.append(body, { integratedTime });
}
