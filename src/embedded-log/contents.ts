import { encodeHex, excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { parseCheckpoint, type Checkpoint } from '../tlog/checkpoint.ts';
import { leafHash } from '../tlog/merkle.ts';
import type { StoredEntry } from './record.ts';
import { SearchIndex } from './search-index.ts';
import type { Batch } from './store.ts';
import { MerkleTree } from './tree.ts';

/** The state of a log's tree that others have been told of. */
export interface SignedTreeHead extends Checkpoint {
  /** The checkpoint as a signed note. */
  readonly text: string;
}

/**
 * What a log holds in memory: the tree, and where its leaves are. Leaves are added first and published when
 * they are durable; until then they have a place, and nobody is told.
 */
export class LogContents {
  readonly tree = new MerkleTree();
  private readonly indexes = new Map<string, number>();
  private readonly searchIndex = new SearchIndex();
  private published: SignedTreeHead | undefined;

  /** The published state; undefined before the first. */
  get head(): SignedTreeHead | undefined {
    return this.published;
  }

  /** Gives the leaf with these bytes the next place in the tree, unless it has one. */
  add(body: Uint8Array): { readonly index: number; readonly isNew: boolean } {
    const leaf = leafHash(body);
    const known = this.indexes.get(encodeHex(leaf));
    if (known !== undefined) return { index: known, isNew: false };
    const index = this.tree.size;
    this.tree.append(leaf);
    this.indexes.set(encodeHex(leaf), index);
    return { index, isNew: true };
  }

  /**
   * Publishes entries whose leaves were added, in their order, with the checkpoint that ends with them.
   * @throws MalformedError when that is not the checkpoint of these leaves
   */
  publish({ entries, checkpoint: text }: Batch): void {
    const checkpoint = parseCheckpoint(text);
    const first = this.published?.size ?? 0;
    const size = first + entries.length;
    if (this.published !== undefined && checkpoint.origin !== this.published.origin)
      throw new MalformedError(`a checkpoint of another tree: ${excerpt(checkpoint.origin)}`);
    if (checkpoint.size !== size)
      throw new MalformedError(`a checkpoint of size ${checkpoint.size} after ${size} entries`);
    if (encodeHex(checkpoint.rootHash) !== encodeHex(this.tree.root(size)))
      throw new MalformedError(
        `the entries before the checkpoint of size ${size} are not those it was made for`,
      );
    entries.forEach(({ indexKeys }, position) => {
      this.searchIndex.add(indexKeys, first + position);
    });
    this.published = { ...checkpoint, text };
  }

  /** Adds and publishes what was stored before. @throws MalformedError when it is damaged */
  replay(batch: Batch): void {
    for (const { body } of batch.entries)
      if (!this.add(body).isNew) throw new MalformedError('an entry that is in the log twice');
    this.publish(batch);
  }

  /** The index of the published leaf with this hash, in hexadecimal. */
  indexOf(leaf: string): number | undefined {
    const index = this.indexes.get(leaf);
    return index !== undefined && index < (this.published?.size ?? 0) ? index : undefined;
  }

  /** The log indexes of the entries that any (`or`) or all (`and`) of the search keys find. */
  find(keys: readonly StoredEntry['indexKeys'][number][], operator: 'and' | 'or'): number[] {
    return this.searchIndex.find(keys, operator);
  }
}
