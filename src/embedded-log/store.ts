import { MalformedError, messageOf } from '../errors.ts';
import type { KernelLock } from '../files/kernel-lock.ts';
import type { AcknowledgedFile } from './acknowledged.ts';
import { damaged, type Batch, type Places } from './batches.ts';
import { ForeignWriteError, type EntriesFile } from './entries-file.ts';
import type { SigningKey } from './key-file.ts';
import { lossForClients, type Loss } from './loss.ts';
import { RecordWriter } from './record-writer.ts';
import { readRecord, type Chain, type StoredEntry } from './record.ts';
import { Unwritable } from './unwritable.ts';

/** The parts of a store whose directory is open: see `open-store.ts`. */
export interface StoreParts {
  readonly signer: SigningKey;
  /** The file with the public key (PEM). */
  readonly publicKeyPath: string;
  readonly file: EntriesFile;
  readonly acknowledged: AcknowledgedFile;
  readonly lock: KernelLock;
  /** Of the entries. */
  readonly places: Places;
  /** The end of the last batch, in bytes, and the chain there. */
  readonly end: number;
  readonly chain: Chain;
  /** What is missing at the end. If anything is, the store can only be read. */
  readonly loss: Loss | undefined;
  /** Is told of harmless problems. */
  readonly warn: (text: string) => void;
}

/**
 * The directory of a log while it is served: `key.pem` (its private key), `public-key.pem`, `entries.jsonl`
 * (append-only, a record a line, each with a digest over all before it), `acknowledged` and `server.lock`. A
 * batch counts only with its seal; what follows the last seal was never acknowledged.
 */
export class Store {
  readonly signer: SigningKey;
  readonly publicKeyPath: string;
  readonly #parts: StoreParts;
  #end: number;
  #chain: Chain;
  #warned = '';

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.signer = parts.signer;
    this.publicKeyPath = parts.publicKeyPath;
    this.#end = parts.end;
    this.#chain = parts.chain;
  }

  /**
   * Refuses to write if acknowledged entries are missing: signing others in their place would fork the tree.
   * @throws Unwritable if entries are missing
   */
  requireNoLoss(): void {
    const { loss } = this.#parts;
    if (loss !== undefined) throw new Unwritable(lossForClients(loss));
  }

  /**
   * Checks that the file is as this process left it. Call it before signing anything for the file.
   * @throws Unwritable as `requireNoLoss`, ForeignWriteError when somebody else wrote to it, and the error of the file
   * system
   */
  async requireUntouched(): Promise<void> {
    this.requireNoLoss();
    await this.#parts.file.requireUntouched();
  }

  /**
   * Makes a batch durable: it is on the disk when the promise is fulfilled. When the promise is rejected, the
   * store is unchanged.
   * @throws ForeignWriteError when somebody else wrote to the file, and the error of the file system
   */
  async append({ entries, checkpoint }: Batch): Promise<void> {
    const { file, acknowledged, signer, places } = this.#parts;
    const writer = new RecordWriter(this.#chain, signer);
    const lengths = entries.map((entry) => writer.add({ entry }));
    writer.seal(checkpoint);
    const bytes = writer.take();
    try {
      await file.append(bytes);
    } catch (error) {
      if (!(error instanceof ForeignWriteError)) await file.discard();
      throw error;
    }
    file.accept(bytes);
    let offset = this.#end;
    for (const length of lengths) {
      places.add(offset, length - 1);
      offset += length;
    }
    this.#end += bytes.length;
    this.#chain = writer.chain;
    // The batch is durable already. If this note fails, only a later loss of the batch would go unnoticed.
    await acknowledged.write({ bytes: this.#end, chain: this.#chain }).catch((error: unknown) => {
      const text = `cannot note what was acknowledged: ${messageOf(error)}`;
      if (text !== this.#warned) this.#parts.warn(text);
      this.#warned = text;
    });
  }

  /** The length of the record of the entry at this index of the tree. */
  bytesOf(index: number): number {
    return this.#parts.places.at(index)?.[1] ?? 0;
  }

  /** The entry at this index of the tree. @throws InputError when its record is damaged */
  async read(index: number): Promise<StoredEntry> {
    const place = this.#parts.places.at(index);
    if (place === undefined) throw new RangeError(`the store has no entry ${index}`);
    try {
      const record = readRecord(await this.#parts.file.read(...place));
      if ('entry' in record) return record.entry;
      throw new MalformedError('expected an entry, found another record');
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw this.damaged(index, error.message);
    }
  }

  /** The error that the record of an entry is not what was written. */
  damaged(index: number, why: string): Error {
    const place = `entry ${index} (from byte ${this.#parts.places.at(index)?.[0] ?? 0})`;
    return damaged(this.#parts.file.path, place, why);
  }

  /** Closes the files and releases the directory. No append may be under way. */
  async close(): Promise<void> {
    await this.#parts.file.close();
    await this.#parts.acknowledged.close();
    await this.#parts.lock.release();
  }
}
