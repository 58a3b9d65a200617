import { encodeHex } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { TILE_WIDTH } from '../../tlog/tiles.ts';
import type { LogContents } from './contents.ts';
import { damaged } from '../damage.ts';
import { JOURNAL } from '../journal/journal.ts';
import { LogIndex, type Findable } from '../index/log-index.ts';
import type { StoredPromise } from '../tiles/promise-bundle.ts';
import type { IndexedTree } from '../index/stored-index.ts';
import type { TreeEntries } from './tree-entries.ts';

/** The entries of a tree, and who signs their index. */
export interface IndexedEntries extends Pick<IndexedTree, 'signer' | 'treeKey'> {
  readonly entries: TreeEntries;
}

/**
 * Gives the contents of a tree their index. Of the entries in tiles it reads those that the index on disk does not have.
 * @throws InputError when these are damaged, and the error of the file system
 */
export async function openIndex(
  { entries, signer, treeKey = signer.key }: IndexedEntries,
  contents: LogContents,
  warn: (text: string) => void,
): Promise<void> {
  const { tree, head } = contents;
  const { origin } = head;
  let promises: readonly StoredPromise[] = [];
  let tile = -1;
  const findable = (at: number): Findable => {
    const index = Math.floor(at / TILE_WIDTH);
    if (index !== tile) promises = entries.promisesOf({ origin, index });
    tile = index;
    return { indexKeys: promises[at % TILE_WIDTH]?.indexKeys ?? [], leaf: encodeHex(tree.leaf(at)) };
  };
  const { first } = entries.header;
  const indexed = { origin, first, signer, treeKey };
  const index = await LogIndex.open(entries.files, indexed, findable, warn);
  try {
    contents.useIndex(index);
  } catch (error) {
    index.close();
    if (!(error instanceof MalformedError)) throw error;
    throw damaged(`${entries.files.home}/${JOURNAL}`, 'its entries', error.message);
  }
}
