import { equalBytes } from '../encoding.ts';
import { LogError } from '../errors.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import type { NotAsked } from '../tlog/consistency-proof.ts';
import type { Past } from '../verification/consistency.ts';
import { CLOCK_TOLERANCE, type Sighting } from '../verification/log-time.ts';
import type { SignedCheckpoint } from '../verification/signed-checkpoint.ts';
import { checkpointsOfOthers, otherTrees, type Comparison } from './compare.ts';
import { ageRank, listedHeads, sightingsWhenListed, type Listings } from './listings.ts';
import { isOfTree, sightingsWhileGrowing } from './seen-tree.ts';

/** What is known of a log, and how it is asked for its trees. */
export interface KnownLog extends Pick<Comparison, 'seen' | 'server'> {
  /** What the log listed, in this run and before. */
  readonly listings: () => Listings;
  /** Has the log list its trees now, which adds to the listings, unless it is not asked. */
  readonly list: () => Promise<object | NotAsked>;
  /** Whether the log proves that the tree of the checkpoint grew to this head. */
  readonly provesGrowth: (to: Pick<TreeHead, 'size' | 'rootHash'>) => Promise<boolean | NotAsked>;
}

/**
 * When a tree was seen, in its own indexes. A tree is younger than each moment when an older one of its log still grew.
 * Which one is older no signature says: the log does, and what it says first is held against it later (`ageRank`). It is
 * asked only where the time of the entry (in seconds since 1970) depends on it and it has not said so before; where it
 * is not asked, only the sightings of this very tree count.
 * @throws LogError when the log does not answer, its answer makes no sense, or it does not list a tree that it has
 */
export async function sightingsOf(
  checkpoint: SignedCheckpoint,
  past: Past,
  { integratedTime }: { readonly integratedTime: number },
  log: KnownLog,
): Promise<readonly Sighting[]> {
  const own = [
    ...(log.seen.trees.find((tree) => isOfTree(tree, checkpoint))?.sightings ?? []),
    ...sightingsWhenListed(log.listings(), checkpoint.treeId),
  ];
  const isAfterEntry = ({ seen }: Sighting) => integratedTime < seen - CLOCK_TOLERANCE;
  const doubtful = othersWhileGrowing(checkpoint, past, log).filter(({ sightings }) =>
    sightings.some(isAfterEntry),
  );
  const older = doubtful.length === 0 ? [] : await olderOf(doubtful, checkpoint, log);
  return [...own, ...older.flatMap(({ sightings }) => sightings)];
}

/** Another tree of a log, and when it was seen while it still grew. */
interface OtherTree {
  readonly treeId: string;
  readonly sightings: readonly Sighting[];
}

function othersWhileGrowing(checkpoint: SignedCheckpoint, past: Past, log: KnownLog): OtherTree[] {
  const shown = checkpointsOfOthers(past);
  return otherTrees(checkpoint, log).map((other) => {
    const reached = [other.lastSeen[0], ...shown.filter((each) => isOfTree(other, each))];
    const sightings = sightingsWhileGrowing(other, Math.max(...reached.map(({ size }) => size)));
    return { treeId: other.treeId, sightings };
  });
}

/** Those that are older than the tree of the checkpoint, by what the log lists; none where it is not asked. */
async function olderOf(
  others: readonly OtherTree[],
  checkpoint: SignedCheckpoint,
  { listings, list, provesGrowth, server }: KnownLog,
): Promise<readonly OtherTree[]> {
  const { treeId } = checkpoint;
  const unlisted = () =>
    [treeId, ...others.map((other) => other.treeId)].find((id) => ageRank(listings(), id) === undefined);
  if (unlisted() !== undefined && 'why' in (await list())) return [];
  const missing = unlisted();
  if (missing !== undefined)
    throw doesNotSay(server, `tree ${missing} among those that it lists, found that it is not`);
  const rank = (id: string) => ageRank(listings(), id) ?? 0;
  const older = others.filter((other) => rank(other.treeId) < rank(treeId));
  if (older.length === others.length) return older;
  // What was listed of this tree makes it older than others, if it is still what was listed.
  for (const head of listedHeads(listings(), treeId)) {
    const isThatTree = await isOf(checkpoint, head, provesGrowth);
    if (typeof isThatTree === 'object') return [];
    if (!isThatTree)
      throw doesNotSay(
        server,
        `tree ${treeId} as it was first listed, found that it has grown or is another`,
      );
  }
  return older;
}

/** Whether a checkpoint and a head are of one tree; the checkpoint may be of the time before the tree stopped growing. */
async function isOf(
  checkpoint: SignedCheckpoint,
  head: Pick<TreeHead, 'size' | 'rootHash'>,
  provesGrowth: KnownLog['provesGrowth'],
): Promise<boolean | NotAsked> {
  if (checkpoint.size < head.size) return await provesGrowth(head);
  return checkpoint.size === head.size && equalBytes(checkpoint.rootHash, head.rootHash);
}

/** The error that nothing says how old a tree is. */
function doesNotSay(server: string, found: string): LogError {
  return new LogError(
    'LOG_ANSWER',
    `${server} does not say which of its trees is the older one: expected ${found}`,
    'try again later: a part of the log may lag behind; helm sigstore log info shows what the log lists',
  );
}
