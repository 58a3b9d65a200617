import { encodeHex } from '../../encoding.ts';
import { HASH_BYTES, writeNodeHash } from '../../tlog/merkle.ts';
import { TILE_LIMITS, TILE_WIDTH, tilePath } from '../../tlog/tiles.ts';
import { damagedFile } from '../damage.ts';
import { Recent } from '../recent.ts';
import type { TileFiles } from './tile-files.ts';
import type { StoredNode } from '../tree.ts';

/** Tiles that are kept, at 16 KiB each. */
const KEPT = 2048;

/** The full tiles of hashes on disk. Each is checked against the tree above it before anything of it is used. */
export class StoredTiles {
  private readonly tiles = new Recent<Buffer>(KEPT);

  /** @param above the nodes of the tree: its root is that of a checkpoint which the log signed */
  constructor(
    private readonly files: TileFiles,
    private readonly above: StoredNode,
  ) {}

  /** The node of a full tile. @throws InputError when its file is missing or damaged */
  node(height: number, index: number): Uint8Array {
    const level = Math.floor(height / 8);
    const width = TILE_WIDTH / 2 ** (height % 8);
    const tile = Math.floor(index / width);
    const nodes = this.tiles.get(`${level}/${tile}`, () => this.load(level, tile));
    const from = (NODES - 2 * width + (index % width)) * HASH_BYTES;
    return nodes.subarray(from, from + HASH_BYTES);
  }

  /** The hashes of a tile, and behind them those of the nodes above these, row by row. */
  private load(level: number, index: number): Buffer {
    const path = tilePath({ level, index, width: TILE_WIDTH });
    const bytes = this.files.read(path);
    if (bytes === undefined) throw damagedFile(this.files.home, path, 'it is missing');
    if (bytes.length !== TILE_LIMITS.hashes)
      throw damagedFile(this.files.home, path, `expected ${TILE_LIMITS.hashes} bytes, found ${bytes.length}`);
    const nodes = withNodesAbove(bytes);
    if (encodeHex(nodes.subarray(-HASH_BYTES)) !== encodeHex(this.above((level + 1) * 8, index)))
      throw damagedFile(this.files.home, path, 'it is not what the checkpoint was signed for');
    return nodes;
  }
}

const NODES = 2 * TILE_WIDTH;

/** The hashes of a full tile, those of each pair of them, and so on up to the root of the tile. */
function withNodesAbove(tile: Uint8Array): Buffer {
  const nodes = Buffer.allocUnsafeSlow((NODES - 1) * HASH_BYTES);
  nodes.set(tile);
  let end = tile.length;
  for (let at = 0; end < nodes.length; at += 2 * HASH_BYTES, end += HASH_BYTES) writeNodeHash(nodes, at, end);
  return nodes;
}
