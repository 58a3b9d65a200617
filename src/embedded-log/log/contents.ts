import { encodeHex, excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { parseCheckpoint, type Checkpoint } from '../../tlog/checkpoint.ts';
import { leafHash } from '../../tlog/merkle.ts';
import type { Batch } from '../journal/batches.ts';
import type { JournalHeader } from '../journal/journal-header.ts';
import type { Findable, LogIndex } from '../index/log-index.ts';
import { StoredTiles } from '../tiles/stored-tiles.ts';
import type { TileFiles } from '../tiles/tile-files.ts';
import { MerkleTree, type StoredNode } from '../tree.ts';

/** A state of the tree that the log has published. */
export interface SignedTreeHead extends Checkpoint {
  /** The checkpoint as a signed note. */
  readonly text: string;
}

/**
 * What a log has: the tree, and the index of its leaves; the newest parts of both are in memory. Leaves are appended
 * first. They are published when they are durable, or else taken back; no client sees them before.
 */
export class LogContents {
  readonly tree: MerkleTree;
  private searchIndex: LogIndex | undefined;
  /** What was replayed before there was an index. */
  private waiting: Findable[] = [];
  private published: SignedTreeHead | undefined;
  private latestTime: number;
  private size: number;

  /**
   * @param header where the entries of the journal begin
   * @param files those of the entries before
   */
  constructor(header: Pick<JournalHeader, 'first' | 'hashes' | 'newestTime'>, files: TileFiles) {
    const above: StoredNode = (height, index) => this.tree.node(height, index);
    const stored = new StoredTiles(files, above);
    this.tree = new MerkleTree(header, (height, index) => stored.node(height, index));
    this.latestTime = header.newestTime;
    this.size = header.first;
  }

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
    this.tree.truncate(this.size);
  }

  /**
   * Publishes entries whose leaves were appended, in their order, with the checkpoint that ends with them.
   * @throws MalformedError when that is not the checkpoint of these leaves
   */
  publish({ entries, checkpoint: text }: Batch): void {
    const checkpoint = parseCheckpoint(text);
    const first = this.size;
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
      const findable = { indexKeys, leaf: encodeHex(this.tree.leaf(index)) };
      if (this.searchIndex === undefined) this.waiting.push(findable);
      else this.searchIndex.add(index, findable);
      this.latestTime = Math.max(this.latestTime, integratedTime);
    });
    this.size = size;
    this.published = { ...checkpoint, text };
  }

  /** Appends and publishes a batch that was read from the store. @throws MalformedError when it is damaged */
  replay(batch: Batch): void {
    for (const { body } of batch.entries) this.tree.append(leafHash(body));
    this.publish(batch);
  }

  /**
   * Takes the index of the entries before those that were replayed.
   * @throws MalformedError when one of these is there twice
   */
  useIndex(index: LogIndex): void {
    this.searchIndex = index;
    const first = this.size - this.waiting.length;
    if (new Set(this.waiting.map(({ leaf }) => leaf)).size < this.waiting.length)
      throw new MalformedError('an entry that is in the log twice');
    this.waiting.forEach((findable, position) => {
      index.add(first + position, findable);
    });
    this.waiting = [];
  }

  /** The index of the published leaf with this hash, in hexadecimal. @throws InputError when the index is damaged */
  indexOf(leaf: string): number | undefined {
    for (const index of this.index.withLeaf(leaf))
      if (encodeHex(this.tree.leaf(index)) === leaf) return index;
    return undefined;
  }

  /** The search index, which has the published entries. */
  get index(): LogIndex {
    if (this.searchIndex === undefined) throw new Error('a log without an index');
    return this.searchIndex;
  }
}
