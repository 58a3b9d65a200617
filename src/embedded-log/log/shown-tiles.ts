import { equalBytes } from '../../encoding.ts';
import { HASH_BYTES, leafHash } from '../../tlog/merkle.ts';
import { TILE_WIDTH, type Tile } from '../../tlog/tiles.ts';
import type { LogContents } from './contents.ts';
import { entryBundle } from '../tiles/entry-bundle.ts';
import type { Store } from './store.ts';

/** The tiles of the published tree, as tile clients ask for them. */
export class ShownTiles {
  constructor(
    private readonly store: Pick<Store, 'read' | 'bytesOf' | 'damaged'>,
    private readonly contents: LogContents,
  ) {}

  /**
   * About how many bytes a tile has; undefined when the tree has no such tile, or has an entry in it that is too long for the
   * specification. Of a tile that is complete now, each incomplete one is still there.
   * @throws InputError when what tells it is damaged
   */
  sizeOf({ level, index, width }: Tile): number | undefined {
    const { size } = this.contents.head;
    const count = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
    if (index * TILE_WIDTH + width > count) return undefined;
    if (level !== 'entries') return width * HASH_BYTES;
    let sum = 0;
    for (let at = index * TILE_WIDTH; at < index * TILE_WIDTH + width; at++) sum += this.store.bytesOf(at);
    return sum;
  }

  /** The bytes of a tile that has a size. @throws InputError when they are damaged */
  read({ level, index, width }: Tile): Buffer | undefined {
    if (level !== 'entries') return Buffer.from(this.contents.tree.tile(level, index, width));
    const first = index * TILE_WIDTH;
    const bodies = Array.from({ length: width }, (_, at) => this.bodyOf(first + at));
    const { bytes, isStandard } = entryBundle(bodies);
    return isStandard ? bytes : undefined;
  }

  private bodyOf(index: number): Uint8Array {
    const { body } = this.store.read(index);
    if (equalBytes(leafHash(body), this.contents.tree.leaf(index))) return body;
    throw this.store.damaged(index, 'it is not what was signed');
  }
}
