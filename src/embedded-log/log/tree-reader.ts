import { setImmediate } from 'node:timers/promises';
import { encodeHex, equalBytes } from '../../encoding.ts';
import { formatEntryId } from '../../rekor/entry-id.ts';
import type { InclusionPromise } from '../../tlog/inclusion-promise.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import { leafHash } from '../../tlog/merkle.ts';
import type { LogContents, SignedTreeHead } from './contents.ts';
import { entryAnswer, type EntryAnswer } from './entry-answer.ts';
import { treeIdOf } from './origin.ts';
import { promiseOf } from './promise.ts';
import type { StoredEntry } from '../journal/record.ts';
import { ShownTiles } from './shown-tiles.ts';
import type { TreeEntries } from './tree-entries.ts';
import { VerifiedPromises } from './verified-promises.ts';

/**
 * One tree of a log, to be read. An index is that of the tree, from 0, unless it is called a log index: that counts on
 * through all trees of the log, from `offset`, and is what is promised.
 */
export class TreeReader {
  /** Decimal. */
  readonly treeId: string;
  /** Its tiles, for clients of these. */
  readonly shown: ShownTiles;
  /** The beginning of all its entry IDs: the tree ID. */
  private readonly idPrefix: string;
  private readonly promises: VerifiedPromises;

  constructor(
    protected readonly entries: TreeEntries,
    protected readonly contents: LogContents,
    readonly key: LogKey,
  ) {
    this.treeId = treeIdOf(contents.head.origin);
    this.idPrefix = formatEntryId('0'.repeat(64), this.treeId).text.slice(0, -64);
    this.shown = new ShownTiles(entries, contents);
    this.promises = new VerifiedPromises(key);
  }

  /** The public key of the tree. */
  get publicKeyPem(): string {
    return this.key.publicKey.export({ format: 'pem', type: 'spki' }) as string;
  }

  /** How many entries the trees before it have. */
  get offset(): number {
    return this.entries.header.offset ?? 0;
  }

  /** The latest checkpoint. */
  get head(): SignedTreeHead {
    return this.contents.head;
  }

  /**
   * The entry at this index (below the size of the tree), by its entry ID.
   * @throws InputError when the stored entry is not the one that was signed
   */
  // eslint-disable-next-line @typescript-eslint/require-await -- damage is a rejection, as elsewhere
  async entry(index: number): Promise<Record<string, EntryAnswer>> {
    const stored = this.entries.read(index);
    if (
      !equalBytes(leafHash(stored.body), this.contents.tree.leaf(index)) ||
      !this.promises.holds(this.promiseOf(index, stored), stored.signedEntryTimestamp)
    )
      throw this.entries.damaged(index, 'it is not what was signed');
    return this.answerOf(index, stored);
  }

  /** The entry at this index, by its entry ID, from what is known to be stored of it: what was signed a moment ago. */
  answerOf(index: number, stored: StoredEntry): Record<string, EntryAnswer> {
    const { tree, head } = this.contents;
    const promise = this.promiseOf(index, stored);
    return {
      [this.entryId(index)]: entryAnswer(promise, stored.signedEntryTimestamp, { tree, head, index }),
    };
  }

  /** Takes the promise of an entry that was signed with the tree's key just now. */
  protected addPromise(index: number, stored: StoredEntry): void {
    this.promises.add(this.promiseOf(index, stored), stored.signedEntryTimestamp);
  }

  private promiseOf(index: number, stored: StoredEntry): InclusionPromise {
    return promiseOf(stored, this.offset + index, this.key);
  }

  /** The bytes that these entries take in the store; an answer has few more. */
  bytesOf(indexes: readonly number[]): number {
    return indexes.reduce((sum, index) => sum + this.entries.bytesOf(index), 0);
  }

  /** The 80 hexadecimal digits that name the entry at this index. */
  entryId(index: number): string {
    return this.idPrefix + encodeHex(this.contents.tree.leaf(index));
  }

  /** The index of the entry with this leaf hash (hexadecimal), if the tree has it. */
  indexOf(leafHash: string): number | undefined {
    return this.contents.indexOf(leafHash);
  }

  /** The IDs of the first `limit` entries that any (`or`) or all (`and`) of the search keys find. */
  async search(keys: readonly string[], operator: 'and' | 'or', limit = Infinity): Promise<string[]> {
    const ids: string[] = [];
    for (const index of await this.contents.index.search(keys, operator, limit)) {
      // Each may be in a tile of its own; others have their turn.
      if (ids.push(this.entryId(index)) % 100 === 0) await setImmediate();
    }
    return ids;
  }

  /** An upper bound for the entries that any of the keys finds. */
  count(keys: readonly string[]): number {
    return this.contents.index.count(keys);
  }

  /** The proof that the tree of `size1` leaves is a prefix of that of `size2`; `0 < size1 <= size2 <= head.size`. */
  consistencyProof(size1: number, size2: number): string[] {
    return this.contents.tree.consistencyProof(size1, size2).map(encodeHex);
  }
}
