import { LogError, MalformedError } from '../errors.ts';
import { findCheckpoint, NoTileError, readTile } from '../services/tile-files.ts';
import type { AgreedHead } from './compare-trees.ts';
import { followTiles, type TilesToFollow } from './follow-tiles.ts';
import { startOf, type SeenOfTree, type TilePass } from './tile-pass.ts';
import { TileTree } from './tile-tree.ts';

/** What was seen of trees that do not grow any more. */
interface FollowedFrozen {
  readonly seen: readonly SeenOfTree[];
  /** How many more entries may be looked at in this pass. */
  readonly left: number;
  /** Whether all was looked at that could be, and nothing was wrong. */
  readonly isWhole: boolean;
}

/**
 * Looks through the entries of trees that do not grow any more, where their log shows tiles of them: below `shards/TREE`, as
 * the embedded log does after a rotation. What came between the last pass and the rotation is there alone.
 * @param agreed what was compared with what was seen before
 * @param timeOf when the log took an entry, if it says and promises that
 * @throws LogError when the log does not answer
 */
export async function followFrozen(
  agreed: readonly AgreedHead[],
  { pass, log, asking, most, onProgress }: TilePass,
  timeOf: (head: AgreedHead['head']) => TilesToFollow['timeOf'],
): Promise<FollowedFrozen> {
  const seen: SeenOfTree[] = [];
  let left = most;
  for (const each of agreed) {
    const { head, past } = each;
    const { size } = head;
    const before = startOf(each, pass);
    const { name, from } = before;
    let { examined } = before;
    if (examined < size) {
      const prefix = await placeOfTiles(`${log.server.href}/shards/${name}`, asking);
      if (prefix !== undefined) {
        const tree = new TileTree((tile) => readTile(prefix, tile, asking()));
        const followed = { tree, head, past, timeOf: timeOf(head), onProgress };
        try {
          examined = (await followTiles(pass, before, followed, left)).examined;
          if (examined < size)
            await pass.tellBehind(`${examined} of ${size} entries of tree ${name} were looked at so far`);
        } catch (error) {
          if (!(error instanceof MalformedError || error instanceof NoTileError)) throw error;
          examined = pass.trees.find((known) => known.name === name)?.examined ?? examined;
          await pass.tellBehind(`${prefix} does not show the tiles of tree ${name} that it signed`);
        }
        left = Math.max(0, left - (examined - before.examined));
      }
    }
    seen.push({ name, size, examined, ...(from !== undefined && { from }) });
  }
  return { seen, left, isWhole: !pass.isDisturbed };
}

/** Where the tiles of a tree are; undefined: its log shows none. @throws LogError when it does not answer */
async function placeOfTiles(url: string, asking: TilePass['asking']): Promise<string | undefined> {
  try {
    return (await findCheckpoint(url, asking()))?.prefix;
  } catch (error) {
    // A log of another kind may have a page there.
    if (error instanceof LogError && error.code !== 'LOG_UNREACHABLE') return undefined;
    throw error;
  }
}
