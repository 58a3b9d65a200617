import { encodeHex, excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { parseCheckpoint, type Checkpoint } from '../tlog/checkpoint.ts';
import { leafHash } from '../tlog/merkle.ts';
import { SearchIndex } from './search-index.ts';
import type { Batch } from './batches.ts';
import { MerkleTree } from './tree.ts';

/** A state of the tree that the log has published. */
export interface SignedTreeHead extends Checkpoint {
  /** The checkpoint as a signed note. */
  readonly text: string;
}

/**
 * What a log holds in memory: the tree, and the index of its leaves. Leaves are appended first. They are
 * published when they are durable, or else taken back; no client sees them before.
 */
export class LogContents {
  readonly tree = new MerkleTree();
  private readonly indexes = new Map<string, number>();
  private readonly searchIndex = new SearchIndex();
  private published: SignedTreeHead | undefined;
  private latestTime = 0;

  /** The published state. Every open log has one. */
  get head(): SignedTreeHead {
    if (this.published === undefined) throw new Error('a log without a checkpoint');
    return this.published;
  }

  /** The latest time of all entries, in seconds since 1970; 0 without entries. */
  get newestTime(): number {
    return this.latestTime;
  }

  /** Removes the leaves that were appended and not published. */
  takeBack(): void {
    this.tree.truncate(this.published?.size ?? 0);
  }

  /**
   * Publishes entries whose leaves were appended, in their order, with the checkpoint that ends with them.
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
    entries.forEach(({ indexKeys, integratedTime }, position) => {
      const index = first + position;
      this.indexes.set(encodeHex(this.tree.leaf(index)), index);
      this.searchIndex.add(indexKeys, index);
      this.latestTime = Math.max(this.latestTime, integratedTime);
    });
    this.published = { ...checkpoint, text };
  }

  /** Appends and publishes a batch that was read from the store. @throws MalformedError when it is damaged */
  replay(batch: Batch): void {
    const size = this.published?.size ?? 0;
    const leaves = batch.entries.map(({ body }) => leafHash(body));
    for (const leaf of leaves) this.tree.append(leaf);
    this.publish(batch);
    if (this.indexes.size !== size + leaves.length)
      throw new MalformedError('an entry that is in the log twice');
  }

  /** The index of the published leaf with this hash, in hexadecimal. */
  indexOf(leaf: string): number | undefined {
    return this.indexes.get(leaf);
  }

  /** The search index, which has the published entries. */
  get search(): Pick<SearchIndex, 'find' | 'count'> {
    return this.searchIndex;
  }
}
