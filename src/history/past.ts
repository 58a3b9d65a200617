import type { DisplacedTree, Link, Past } from '../verification/consistency.ts';
import type { Sighting } from '../verification/log-time.ts';
import type { ProvenHead, SignedHead } from '../verification/signed-head.ts';
import { linkHeads, type Asking } from './link.ts';
import type { Listing } from './listed-trees.ts';
import type { Memories } from './memory-files.ts';
import { isOfTree, sightingsFrom, type TreeMemory } from './tree-memory.ts';

/** What is remembered, and how the log at `server` is asked for what it has to prove. */
export interface Recollection extends Asking {
  readonly memories: Memories;
  readonly server: string;
  readonly listing: () => Promise<Listing>;
}

/**
 * What is known of the past of a tree, with the proofs that its log gives: nothing is asked where nothing changed.
 * @throws LogError when the log does not answer, or its answer makes no sense
 */
export async function gatherPast(proven: ProvenHead, recollection: Recollection): Promise<Past> {
  const { head } = proven;
  const { trees, lost } = recollection.memories;
  const own = memoryOf(proven, trees);
  if (own !== undefined) {
    const links = await Promise.all(own.heads.map((before) => linkHeads(before, head, recollection)));
    // Where the tree begins was proven when it was first remembered; until then it may be claimed wrongly.
    const others = own.offset === undefined ? otherTrees(proven, recollection) : [];
    const displaced = others.filter((other) => overlaps(other, proven)).map(overlapped);
    return { kind: 'known', now: head, links, displaced };
  }
  const gone = lost.find(({ logId, treeId = head.treeId }) => logId === head.logId && treeId === head.treeId);
  if (gone !== undefined) return { kind: 'lost', reason: gone.reason };
  const others = otherTrees(proven, recollection);
  return others.length === 0 ? { kind: 'first' } : await afterRotation(proven, others, recollection);
}

/** When the tree was seen, in its own indexes: it, and those that grew in its place before it was there. */
export function gatherSightings(
  proven: ProvenHead,
  past: Past,
  recollection: Pick<Recollection, 'memories' | 'server'>,
): readonly Sighting[] {
  const own = memoryOf(proven, recollection.memories.trees);
  const offset = own?.offset ?? proven.offset;
  const sightings = own?.sightings ?? [];
  if (offset === undefined) return sightings;
  const shown = headsOfOthers(past);
  const inherited = otherTrees(proven, recollection).flatMap((other) => {
    const sizes = [other.heads[0], ...shown.filter((head) => isOfTree(other, head))].map(({ size }) => size);
    return sightingsFrom(other, Math.max(...sizes), offset);
  });
  return [...sightings, ...inherited];
}

/** The heads of other trees that the log showed beside a new one. */
export function headsOfOthers(past: Past): readonly SignedHead[] {
  return past.kind === 'rotated' ? past.links.map(({ now }) => now) : [];
}

/** A tree that was never seen before comes with proofs that all the others are still there. */
async function afterRotation(
  proven: ProvenHead,
  others: readonly TreeMemory[],
  recollection: Recollection,
): Promise<Past> {
  const { trees: listed } = await recollection.listing();
  const displaced: DisplacedTree[] = [];
  const links: Link[] = [];
  for (const other of others) {
    const { heads, treeId } = other;
    const tree = listed.find((each) => each.treeId === treeId);
    const now = tree?.head;
    if (tree === undefined) displaced.push({ before: heads[0], how: 'not-listed' });
    else if (now === undefined) displaced.push({ before: heads[0], how: 'not-signed' });
    else if (overlaps(other, proven)) displaced.push(overlapped(other));
    else links.push(...(await Promise.all(heads.map((before) => linkHeads(before, now, recollection)))));
  }
  return { kind: 'rotated', now: proven.head, links, displaced };
}

function memoryOf({ head }: ProvenHead, trees: readonly TreeMemory[]): TreeMemory | undefined {
  return trees.find((tree) => isOfTree(tree, head));
}

/** The other trees of the log: those that the same server showed. */
function otherTrees(
  { head }: ProvenHead,
  { memories, server }: Pick<Recollection, 'memories' | 'server'>,
): TreeMemory[] {
  return memories.trees.filter((tree) => tree.servers.includes(server) && !isOfTree(tree, head));
}

/** Whether two trees claim the same indexes of the log. */
function overlaps({ treeId, offset: start, heads }: TreeMemory, { head, offset }: ProvenHead): boolean {
  return (
    treeId !== head.treeId &&
    start !== undefined &&
    offset !== undefined &&
    offset < start + heads[0].size &&
    start < offset + head.size
  );
}

function overlapped({ heads }: TreeMemory): DisplacedTree {
  return { before: heads[0], how: 'overlapped' };
}
