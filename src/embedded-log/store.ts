import type { KeyObject } from 'node:crypto';
import { mkdir, open, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { platform } from 'node:process';
import { InputError, MalformedError, messageOf, SigstoreError } from '../errors.ts';
import { lockDirectory, LockHeldError, type DirectoryLock } from '../files/lock.ts';
import { openKey, writePublicKey } from './key-file.ts';
import { formatRecord, parseRecord, type StoredEntry } from './record.ts';

/** Entries that became durable together, and the checkpoint (a signed note) of the tree that ends with them. */
export interface Batch {
  readonly entries: readonly StoredEntry[];
  readonly checkpoint: string;
}

/**
 * The directory of a log: `key.pem` (its private key), `public-key.pem`, `entries.jsonl` (append-only, a record
 * a line) and `lock`. A batch is there when its checkpoint is; what follows the last checkpoint was never acknowledged.
 */
export class Store {
  /** Where the line of each entry stands in the file: offset and length in bytes. */
  private readonly places: { readonly offset: number; readonly length: number }[] = [];
  /** The end of the last batch. */
  private end = 0;

  private constructor(
    readonly privateKey: KeyObject,
    /** The file with the public key (PEM). */
    readonly publicKeyPath: string,
    private readonly file: FileHandle,
    private readonly lock: DirectoryLock,
    private readonly path: string,
  ) {}

  /**
   * Opens the directory of a log, or makes a new one with a new P-256 key, and hands over its batches in order.
   * The remains of a batch that a crash cut off are removed.
   * @throws InputError when another process uses it, when it is damaged, or `replay` refuses a batch with a
   * MalformedError
   */
  static async open(directory: string, replay: (batch: Batch) => void): Promise<Store> {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const home = await realpath(directory);
      const lock = await lockDirectory(home);
      try {
        return await Store.openLocked(home, lock, replay);
      } catch (error) {
        await lock.release();
        throw error;
      }
    } catch (error) {
      if (error instanceof SigstoreError) throw error;
      if (error instanceof LockHeldError)
        throw new InputError(
          `the log in ${directory} is in use by process ${error.owner}`,
          `stop that process; if it is no log, remove ${error.path}`,
        );
      throw new InputError(`cannot open the log in ${directory}: ${messageOf(error)}`);
    }
  }

  /** Makes a batch durable: on disk, not only on the way to it, when the promise is fulfilled. */
  async append({ entries, checkpoint }: Batch): Promise<void> {
    const lines = entries.map((entry) => formatRecord({ entry }));
    const bytes = Buffer.concat([...lines, formatRecord({ checkpoint })]);
    await this.file.appendFile(bytes);
    await this.file.datasync();
    let offset = this.end;
    for (const { length } of lines) {
      this.places.push({ offset, length: length - 1 });
      offset += length;
    }
    this.end += bytes.length;
  }

  /** The entry at this index of the tree. */
  async read(index: number): Promise<StoredEntry> {
    const place = this.places[index];
    if (place === undefined) throw new RangeError(`the store has no entry ${index}`);
    const line = Buffer.alloc(place.length);
    await this.file.read(line, 0, place.length, place.offset);
    const record = parseRecord(line);
    if ('checkpoint' in record) throw new MalformedError(`expected entry ${index}, found a checkpoint`);
    return record.entry;
  }

  /** Closes the file and gives the directory back; no append may be under way. */
  async close(): Promise<void> {
    await this.file.close();
    await this.lock.release();
  }

  private static async openLocked(
    home: string,
    lock: DirectoryLock,
    replay: (batch: Batch) => void,
  ): Promise<Store> {
    const path = join(home, 'entries.jsonl');
    const file = await open(path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const privateKey = await openKey(home, size > 0);
      const store = new Store(privateKey, await writePublicKey(home, privateKey), file, lock, path);
      await store.replay(replay);
      if (store.end < size) await file.truncate(store.end);
      await syncDirectory(home);
      return store;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private async replay(replay: (batch: Batch) => void): Promise<void> {
    let entries: StoredEntry[] = [];
    let places: typeof this.places = [];
    let number = 0;
    for await (const { bytes, offset } of readLines(this.file)) {
      number++;
      try {
        const record = parseRecord(bytes);
        if ('entry' in record) {
          entries.push(record.entry);
          places.push({ offset, length: bytes.length });
          continue;
        }
        replay({ entries, checkpoint: record.checkpoint });
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error;
        // A crash cuts a line off, it does not change one: leaving this out might fork the tree.
        throw new InputError(
          `${this.path} is damaged: line ${number}: ${error.message}`,
          'restore it from a backup',
        );
      }
      this.places.push(...places);
      this.end = offset + bytes.length + 1;
      [entries, places] = [[], []];
    }
  }
}

/** Makes the names of new files durable; Windows has no such call, and does it by itself. */
async function syncDirectory(path: string): Promise<void> {
  if (platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The lines of the file that are whole, without their newlines. */
async function* readLines(file: FileHandle): AsyncGenerator<{ bytes: Uint8Array; offset: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  const stream = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      yield { bytes: rest.subarray(start, end), offset: offset + start };
      start = end + 1;
    }
    offset += start;
    rest = rest.subarray(start);
  }
}
