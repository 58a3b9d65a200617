import { messageOf } from '../../errors.ts';
import type { KernelLock } from '../../files/kernel-lock.ts';
import type { AcknowledgedFile } from '../journal/acknowledged.ts';
import type { Batch } from '../journal/batches.ts';
import type { Journal } from '../journal/journal.ts';
import type { SigningKey } from '../key-file.ts';
import { lossForClients, type Loss } from '../journal/loss.ts';
import type { StoredEntry } from '../journal/record.ts';
import { RESTORED, RESTORED_FOR_CLIENTS } from '../restored.ts';
import { syncDirectory, type TileFiles } from '../tiles/tile-files.ts';
import { TreeEntries } from './tree-entries.ts';
import type { TreeEdge } from '../tree.ts';
import { Unwritable } from './unwritable.ts';

/** The parts of a store whose directory is open: see `open-store.ts`. */
export interface StoreParts {
  readonly signer: SigningKey;
  /** The file with the public key (PEM). */
  readonly publicKeyPath: string;
  readonly files: TileFiles;
  readonly journal: Journal;
  readonly acknowledged: AcknowledgedFile;
  readonly lock: KernelLock;
  /** What is missing at the end. If anything is, the store can only be read. */
  readonly loss: Loss | undefined;
  /** Whether it is a copy, to which nothing is added: see `restored.ts`. */
  readonly isRestored: boolean;
  /** Is told of harmless problems. */
  readonly warn: (text: string) => void;
}

/**
 * The directory of a log while it is served.
 *
 * 1. All that changes with an upload is one file, the journal `entries.jsonl`: a header, then entries with their promises, and
 *    behind each batch a seal: the checkpoint of the tree that ends there, and a signature over all that the log ever held.
 * 2. A batch counts when its seal is durable (`append`); only then clients are told, and the file `acknowledged` notes the size.
 *    What follows the last seal was never told. If the journal ends before what was told, the log can only be read.
 * 3. The journal begins at entry `first`, a multiple of 256. All before is in files that never change: bundles of entries and
 *    hashes in the layout of C2SP tlog-tiles (`tile/`), times, promises and search keys beside them (`promises/`).
 * 4. They are written from what memory holds, are durable, and count only when `Journal.moveStart` has replaced the journal, in one step,
 *    by one that begins behind them. Its header has what is left of the tiles above level 0: enough to go on with the tree.
 * 5. What is read from tiles is compared with the tree, whose right edge is in memory and leads to the signed checkpoint.
 * 6. `index/` finds entries by leaf and by search key. It is made again from 3 when it is missing or damaged.
 * 7. `checkpoint` and incomplete tiles on disk are for those who read the directory: a copy of a moment (`static-copy.ts`).
 * 8. After a rotation the trees before this one are in `shards/`, frozen, and signed for in `shards.json` (`rotate.ts`).
 * 9. Whoever makes a log from other sources writes tiles as `full-tiles.ts` has them, then the journal (`new-journal.ts`).
 */
export class Store extends TreeEntries {
  readonly signer: SigningKey;
  readonly publicKeyPath: string;
  readonly #parts: StoreParts;
  readonly #journal: Journal;
  #warned = '';

  constructor(parts: StoreParts) {
    super({ ...parts, key: parts.signer.key });
    this.#parts = parts;
    this.signer = parts.signer;
    this.publicKeyPath = parts.publicKeyPath;
    this.#journal = parts.journal;
  }

  /** Whether entries are missing, or it was restored, so that it can only be read. */
  get isReadOnly(): boolean {
    return this.#parts.loss !== undefined || this.#parts.isRestored;
  }

  /** The bytes of the journal. */
  get journalBytes(): number {
    return this.#journal.length;
  }

  /**
   * Refuses to write if acknowledged entries are missing, or may be: signing others in their place would fork the tree.
   * @param but what is overlooked
   * @throws Unwritable if entries are missing, or it was restored
   */
  requireNoLoss(but?: 'but the mark'): void {
    const { loss, isRestored } = this.#parts;
    if (loss !== undefined) throw new Unwritable(lossForClients(loss));
    if (isRestored && !but) throw new Unwritable(RESTORED_FOR_CLIENTS);
  }

  /**
   * Checks that the journal is as this process left it, so that its last checkpoint is ours. Call it before signing anything
   * for it.
   * @throws Unwritable as `requireNoLoss`, ForeignWriteError when somebody else wrote to it, and the error of the file
   * system
   */
  async requireUntouched(): Promise<void> {
    this.requireNoLoss();
    await this.#journal.requireUntouched();
  }

  /**
   * Makes a batch durable: it is on the disk when the promise is fulfilled. When the promise is rejected, the
   * store is unchanged.
   * @throws ForeignWriteError when somebody else wrote to the file, and the error of the file system
   */
  async append(batch: Batch): Promise<void> {
    await this.#journal.append(batch, this.signer);
    await this.#note();
  }

  /** Lets the journal begin later: see `Journal.moveStart`. */
  async moveStart(edge: TreeEdge, newestTime: number): Promise<void> {
    await this.#journal.moveStart(edge, newestTime);
    await syncDirectory(this.files.home);
  }

  /** The entries of the journal: see `Journal.checkedEntries`. */
  checkedEntries(): Iterable<StoredEntry> {
    return this.#journal.checkedEntries();
  }

  /** Lets whoever opens it next add entries, in one step. */
  async endRestored(): Promise<void> {
    await this.files.remove(RESTORED);
    await syncDirectory(this.files.home);
  }

  /** Closes the files and releases the directory. No append may be under way. */
  async close(): Promise<void> {
    await this.#journal.close();
    await this.#parts.acknowledged.close();
    await this.#parts.lock.release();
  }

  /** The batch is durable already. If this note fails, only a later loss of the batch would go unnoticed. */
  async #note(): Promise<void> {
    const { acknowledged, warn } = this.#parts;
    const { size: count, chain } = this.#journal;
    await acknowledged.write({ unit: 'size', count, chain }).catch((error: unknown) => {
      const text = `cannot note what was acknowledged: ${messageOf(error)}`;
      if (text !== this.#warned) warn(text);
      this.#warned = text;
    });
  }
}
