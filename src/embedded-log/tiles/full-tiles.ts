import { TILE_WIDTH, tilePath } from '../../tlog/tiles.ts';
import type { SigningKey } from '../key-file.ts';
import type { StoredEntry } from '../journal/record.ts';
import { filesOfEntries } from './stored-entries.ts';
import type { MerkleTree } from '../tree.ts';

/**
 * All files that a full tile of entries brings: the entries, their promises, their hashes, and the tiles above that it
 * makes full.
 */
export function filesOfFullTile(
  index: number,
  entries: readonly StoredEntry[],
  { tree, origin, signer }: { tree: MerkleTree; origin: string; signer: SigningKey },
): Map<string, Uint8Array> {
  const files = filesOfEntries(entries, { origin, index }, signer);
  for (let level = 0, end = index + 1; ; level++) {
    const tile = { level, index: end - 1, width: TILE_WIDTH };
    files.set(tilePath(tile), tree.tile(level, tile.index, TILE_WIDTH));
    if (end % TILE_WIDTH !== 0) return files;
    end /= TILE_WIDTH;
  }
}
