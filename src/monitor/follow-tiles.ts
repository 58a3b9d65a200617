import { encodeHex } from '../encoding.ts';
import { formatEntryId } from '../rekor/entry-id.ts';
import { leafHash } from '../tlog/merkle.ts';
import { judgeTiled } from '../verification/tiled-entry.ts';
import type { Past } from '../verification/consistency.ts';
import type { SignedHead } from './compare-head.ts';
import { ownEntryIn } from './own-entry.ts';
import type { Pass } from './pass.ts';
import type { WatchedTree } from './state.ts';
import type { ProvenEntries, TileTree } from './tile-tree.ts';

/** What the entries of a tree are looked through with. */
export interface TilesToFollow {
  readonly tree: TileTree;
  readonly head: SignedHead;
  /** What was seen of the tree before, as it was compared with the head. */
  readonly past: Past;
  /** When the log took an entry, in seconds since 1970, if it says and promises that. */
  readonly timeOf: (leafHash: string) => Promise<number | undefined>;
  /** Told how many of how many entries were looked at. */
  readonly onProgress: (examined: number, size: number) => void;
}

/**
 * Looks through the entries of a tree that were not looked at before, one tile at a time, each proven to be in it. How far it came
 * is remembered as it goes on.
 * @param most how many entries are looked at, about
 * @returns the tree as it is remembered now
 * @throws MalformedError, NoTileError, LogError where the tiles are not those of the tree, or cannot be had
 */
export async function followTiles(
  pass: Pass,
  from: WatchedTree,
  { tree, head, past, timeOf, onProgress }: TilesToFollow,
  most: number,
): Promise<WatchedTree> {
  let { examined } = from;
  const end = Math.min(head.size, examined + most);
  for (let tiles = 1; examined < end; tiles++) {
    const entries = await tree.entriesAround(examined, head);
    const isAnyTold = await lookAt(entries, examined, pass, { head, past, timeOf });
    examined = entries.first + entries.bodies.length;
    pass.setTree({ ...from, examined });
    onProgress(examined, head.size);
    if (isAnyTold || tiles % TILES_BETWEEN === 0) await pass.save();
  }
  return { ...from, examined };
}

/** Tiles after which it is remembered how far it came. */
const TILES_BETWEEN = 64;

async function lookAt(
  { first, bodies, proofOf }: ProvenEntries,
  from: number,
  pass: Pass,
  { head, past, timeOf }: Pick<TilesToFollow, 'head' | 'past' | 'timeOf'>,
): Promise<boolean> {
  let isAnyTold = false;
  for (const [place, body] of bodies.entries()) {
    const index = first + place;
    const own = index < from ? undefined : await ownEntryIn(body, pass.watched);
    if (own === undefined) continue;
    const { size, rootHash, note: checkpoint, treeId, key } = head;
    const leaf = encodeHex(leafHash(body));
    const proof = { index, size, rootHash, hashes: await proofOf(place), checkpoint };
    const { checks } = await judgeTiled({ body, proof, key, past });
    const isNew = !own.isClaim && !pass.knows(leaf);
    const at = isNew ? await timeOf(leaf) : undefined;
    const uuid = /^[1-9][0-9]{0,18}$/.test(treeId) ? formatEntryId(leaf, treeId).text : undefined;
    await pass.tellEntry(own, { tree: treeId, index, leafHash: leaf, uuid, integratedTime: at }, checks);
    isAnyTold ||= isNew;
  }
  return isAnyTold;
}
