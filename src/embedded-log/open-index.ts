import { encodeHex } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { TILE_WIDTH } from '../tlog/tiles.ts';
import type { LogContents } from './contents.ts';
import { damaged } from './damage.ts';
import { JOURNAL } from './journal.ts';
import { LogIndex, type Findable } from './log-index.ts';
import type { StoredPromise } from './promise-bundle.ts';
import type { Store } from './store.ts';

/**
 * Gives the contents of a log their index. Of the entries in tiles it reads those that the index on disk does not have.
 * @throws InputError when these are damaged, and the error of the file system
 */
export async function openIndex(
  store: Store,
  contents: LogContents,
  warn: (text: string) => void,
): Promise<void> {
  const { tree, head } = contents;
  const { origin } = head;
  let promises: readonly StoredPromise[] = [];
  let tile = -1;
  const findable = (at: number): Findable => {
    const index = Math.floor(at / TILE_WIDTH);
    if (index !== tile) promises = store.promisesOf({ origin, index });
    tile = index;
    return { indexKeys: promises[at % TILE_WIDTH]?.indexKeys ?? [], leaf: encodeHex(tree.leaf(at)) };
  };
  const { first } = store.header;
  const index = await LogIndex.open(store.files, { origin, first, signer: store.signer }, findable, warn);
  try {
    contents.useIndex(index);
  } catch (error) {
    index.close();
    if (!(error instanceof MalformedError)) throw error;
    throw damaged(`${store.files.home}/${JOURNAL}`, 'its entries', error.message);
  }
}
