import type { LogView } from '../log-view/log-view.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import { needsProof, provesExtension, type NotAsked } from '../tlog/consistency-proof.ts';
import { conflictIn, type DisplacedTree, type Link, type Past } from '../verification/consistency.ts';
import type { SignedCheckpoint } from '../verification/signed-checkpoint.ts';
import type { ListedTrees } from './listed-trees.ts';
import type { SeenTrees } from './seen-tree-files.ts';
import { isOfTree, type SeenTree } from './seen-tree.ts';

/** What a new checkpoint is compared with, and how its log is asked for the proofs. */
export interface Comparison {
  readonly seen: SeenTrees;
  /** The URL of the log. */
  readonly server: string;
  readonly view: LogView;
  /** The trees that the log lists now. */
  readonly list: () => Promise<ListedTrees | NotAsked>;
  /** Whether no server showed the new checkpoint: it was in a file, which anybody may have written. */
  readonly isKept: boolean;
}

/**
 * Links a new checkpoint to those seen before, by the proofs that its log gives: nothing is asked where nothing changed.
 * @throws LogError when the log does not answer, or its answer makes no sense
 */
export async function compareWithSeen(checkpoint: SignedCheckpoint, comparison: Comparison): Promise<Past> {
  const { seen } = comparison;
  const own = seen.trees.find((tree) => isOfTree(tree, checkpoint));
  const links = own === undefined ? [] : await linkToSeen(own, checkpoint, comparison);
  const others = otherTrees(checkpoint, comparison);
  const known: Past = { kind: 'known', now: checkpoint, links, displaced: [] };
  // A tree that is known from files alone is as new as one that nobody saw: the log still has to show the others.
  const isNew = own === undefined || own.servers.length === 0;
  if (own !== undefined && (!isNew || others.length === 0 || conflictIn(known) !== undefined)) return known;
  const lost = seen.lost.find(
    ({ logId, treeId = checkpoint.treeId }) => logId === checkpoint.logId && treeId === checkpoint.treeId,
  );
  if (lost !== undefined) return { kind: 'lost', reason: lost.reason };
  return others.length === 0 ? { kind: 'first' } : await afterRotation(checkpoint, links, others, comparison);
}

/** The other trees of the log: those that the same server showed. */
export function otherTrees(
  checkpoint: SignedCheckpoint,
  { seen, server }: Pick<Comparison, 'seen' | 'server'>,
): SeenTree[] {
  return seen.trees.filter((tree) => tree.servers.includes(server) && !isOfTree(tree, checkpoint));
}

/** The checkpoints of other trees that the log showed beside a new one. */
export function checkpointsOfOthers(past: Past): readonly SignedCheckpoint[] {
  return past.kind === 'rotated'
    ? past.links.map(({ now }) => now).filter((checkpoint) => checkpoint !== past.now)
    : [];
}

/** A tree that no server showed before comes with proofs that all the others are still there. */
async function afterRotation(
  now: SignedCheckpoint,
  own: readonly Link[],
  others: readonly SeenTree[],
  { list, view, server, isKept }: Comparison,
): Promise<Past> {
  const listing = await list();
  if ('why' in listing) return { kind: 'unasked', reason: listing.why };
  const { trees: listed } = listing;
  const displaced: DisplacedTree[] = [];
  const links: Link[] = [...own];
  for (const other of others) {
    const [before] = other.lastSeen;
    const tree = listed.find(({ treeId }) => treeId === other.treeId);
    if (tree === undefined) displaced.push({ before, how: 'not-listed' });
    else if (tree.checkpoint === undefined) displaced.push({ before, how: 'not-signed' });
    else links.push(...(await linkAll(other, tree.checkpoint, view)));
  }
  const present = listed.find(({ treeId }) => treeId === now.treeId)?.checkpoint;
  if (present !== undefined) links.push(await linkInOrder(now, present, view));
  const past: Past = { kind: 'rotated', now, links, displaced };
  if (present !== undefined || !isKept || conflictIn(past) !== undefined) return past;
  return { kind: 'unlisted', reason: doesNotList(server, now) };
}

/** The log's own list may be older than what it showed since. */
async function linkInOrder(shown: SignedCheckpoint, listed: SignedCheckpoint, view: LogView): Promise<Link> {
  return listed.size < shown.size ? await linkOf(listed, shown, view) : await linkOf(shown, listed, view);
}

/**
 * The links of a checkpoint with its own tree. A log that never showed the tree owes nobody a proof about it: it is asked
 * for one only if it lists the tree, and that it has none accuses nobody.
 */
async function linkToSeen(
  own: SeenTree,
  now: SignedCheckpoint,
  { view, server, isKept, list }: Comparison,
): Promise<readonly Link[]> {
  if (!isKept || own.servers.includes(server)) return await linkAll(own, now, view);
  if (own.lastSeen.some((before) => needsProof(before, now))) {
    const listing = await list();
    const isListed = 'trees' in listing && listing.trees.some(({ treeId }) => treeId === now.treeId);
    const why = 'why' in listing ? listing.why : doesNotList(server, now);
    if (!isListed) return own.lastSeen.map((before) => unaskedLink(before, now, why));
  }
  return (await linkAll(own, now, view)).map(withoutRefusal);
}

function unaskedLink(before: SignedCheckpoint, now: SignedCheckpoint, why: string): Link {
  const proof = needsProof(before, now)
    ? { kind: 'not-asked' as const, why }
    : { kind: 'not-needed' as const };
  return { before, now, proof };
}

function doesNotList(server: string, { treeId }: SignedCheckpoint): string {
  return `${server} does not list tree ${treeId}`;
}

/** What it is to be refused a proof by a log that knows nothing of the tree: the same as not to have asked. */
function withoutRefusal(link: Link): Link {
  const { proof } = link;
  return proof.kind === 'refused' ? { ...link, proof: { kind: 'not-asked', why: proof.why } } : link;
}

/** Whether the log proves that the tree of this checkpoint grew to this head, which need not be signed. */
export async function provesGrowth(
  view: LogView,
  checkpoint: SignedCheckpoint,
  to: Pick<TreeHead, 'size' | 'rootHash'>,
): Promise<boolean | NotAsked> {
  const head = { ...to, origin: checkpoint.origin };
  const proof = await view.consistency(checkpoint.treeId, checkpoint, head);
  if (proof.kind === 'not-asked') return proof;
  return proof.kind === 'hashes' && provesExtension(checkpoint, head, proof.hashes);
}

/** Each checkpoint that was last seen of a tree, and the log's proof that it and this one are of one tree. */
async function linkAll({ lastSeen }: SeenTree, now: SignedCheckpoint, view: LogView): Promise<Link[]> {
  return await Promise.all(lastSeen.map((before) => linkOf(before, now, view)));
}

async function linkOf(before: SignedCheckpoint, now: SignedCheckpoint, view: LogView): Promise<Link> {
  return { before, now, proof: await view.consistency(now.treeId, before, now) };
}
