import type { LogKey } from '../../tlog/log-key.ts';
import { TILE_WIDTH, tilePath, type Tile } from '../../tlog/tiles.ts';
import { forTileClients } from './origin.ts';
import type { LogContents } from './contents.ts';
import { entryBundle } from '../tiles/entry-bundle.ts';
import type { Store } from './store.ts';

/**
 * Leaves the log as those read it who have the directory alone (C2SP tlog-tiles): the incomplete tiles of this moment, and
 * then the checkpoint. While the log runs these files are those of an earlier moment.
 * @throws the error of the file system
 */
export async function writeStaticCopy(
  { files, read, key }: StaticSource,
  { tree, head }: LogContents,
): Promise<void> {
  const tiles = new Map<string, Uint8Array>();
  for (const tile of incompleteTiles(head.size)) {
    if (tile.level !== 'entries') tiles.set(tilePath(tile), tree.tile(tile.level, tile.index, tile.width));
    else {
      const bodies = Array.from({ length: tile.width }, (_, at) => read(tile.index * TILE_WIDTH + at).body);
      const { bytes, isStandard } = entryBundle(bodies);
      if (isStandard) tiles.set(tilePath(tile), bytes);
    }
  }
  const isThere = [...tiles.keys()].every((path) => files.read(path, 0, 1) !== undefined);
  if (!isThere) await files.write(tiles);
  const text = Buffer.from(forTileClients(head.text, key));
  if (files.read(CHECKPOINT)?.equals(text) !== true) await files.write(new Map([[CHECKPOINT, text]]));
}

export const CHECKPOINT = 'checkpoint';

export interface StaticSource {
  readonly files: Store['files'];
  readonly read: Store['read'];
  /** That of the log. */
  readonly key: LogKey;
}

/** The incomplete tiles of a tree of this size, also that of the entries. */
export function incompleteTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const tile = { level, index: Math.floor(count / TILE_WIDTH), width: count % TILE_WIDTH };
    if (tile.width > 0) tiles.push(tile, ...(level === 0 ? [{ ...tile, level: 'entries' as const }] : []));
  }
  return tiles;
}
