import { fstatSync, readSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { InputError } from '../../errors.ts';

/** How files are opened; a test may watch the calls or let them fail. */
export type OpenFile = (path: string, flags: string, mode?: number) => Promise<FileHandle>;

/** Opens without writing, whatever is asked for. */
export const forReading: OpenFile = (path) => open(path, 'r');

/** A complete line of the file, without its newline. */
export interface Line {
  readonly bytes: Uint8Array;
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** From 1. */
  readonly number: number;
}

/** The log's file is not as this process left it: the log must end, and sign nothing more. */
export class ForeignWriteError extends InputError {}

/** The file of a log's records, as bytes: appended to, or replaced in one step, by one process. */
export class EntriesFile {
  /** The end of what counts, in bytes; anything behind it is cut off before the next append. */
  #end = 0;
  /** The last bytes before the end. */
  #tail: Uint8Array = new Uint8Array();
  #hasLeftOver = false;

  private constructor(
    readonly path: string,
    private file: FileHandle,
    private readonly openFile: OpenFile,
  ) {}

  /** @throws the error of the file system */
  static async open(path: string, openFile: OpenFile = open): Promise<EntriesFile> {
    // In append mode a write goes behind what another process wrote, and so shows it instead of overwriting
    // it.
    return new EntriesFile(path, await openFile(path, 'a+', 0o600), openFile);
  }

  /** The complete lines from the start, up to the first that is longer than any record. */
  async *lines(): AsyncGenerator<Line> {
    let rest: Buffer = Buffer.alloc(0);
    let [offset, number] = [0, 0];
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await this.file.read(chunk, 0, CHUNK, offset + rest.length);
      rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
        yield { bytes: rest.subarray(start, end), offset: offset + start, number: ++number };
        start = end + 1;
      }
      offset += start;
      rest = rest.subarray(start);
      if (bytesRead === 0 || rest.length > MAX_LINE) return;
    }
  }

  /** The end of what counts, in bytes. */
  get end(): number {
    return this.#end;
  }

  /** Its length in bytes. */
  async size(): Promise<number> {
    return (await this.file.stat()).size;
  }

  /** Makes this the end of what counts: removes what follows, and makes the rest durable. */
  async settle(end: number): Promise<void> {
    this.#end = end;
    const length = Math.min(end, TAIL);
    this.#tail = await this.read(end - length, length);
    if ((await this.size()) > end) await this.file.truncate(end);
    await this.file.datasync();
  }

  /**
   * Checks that the file is the one that was opened, and ends as this process left it. Locks may fail on a
   * network file system; then this detects a second writer.
   * @throws ForeignWriteError when the file was changed or replaced
   */
  async requireUntouched(): Promise<void> {
    if (this.#hasLeftOver) await this.#removeLeftOver();
    // Opening the file again makes a network file system ask its server instead of its cache.
    const now = await this.openFile(this.path, 'r').catch(() => undefined);
    if (now === undefined) throw this.#foreign('it is gone');
    try {
      // These come from the cache of the system, faster than a thread could be asked.
      const [found, ours] = [fstatSync(now.fd), fstatSync(this.file.fd)];
      if (found.ino !== ours.ino || found.dev !== ours.dev) throw this.#foreign('another file has its name');
      if (found.size !== this.#end)
        throw this.#foreign(`expected ${this.#end} bytes, found ${String(found.size)}`);
      const { length } = this.#tail;
      const tail = Buffer.alloc(length);
      readSync(now.fd, tail, 0, length, this.#end - length);
      if (!tail.equals(this.#tail)) throw this.#foreign('its last record is another');
    } finally {
      await now.close();
    }
  }

  /** Writes the bytes durably at the end. They count only after `accept`. @throws ForeignWriteError */
  async append(bytes: Uint8Array): Promise<void> {
    this.#hasLeftOver = true;
    await this.file.appendFile(bytes);
    await this.file.datasync();
    const { size } = fstatSync(this.file.fd);
    if (size !== this.#end + bytes.length)
      throw this.#foreign(`expected ${this.#end + bytes.length} bytes, found ${size}`);
  }

  /** Makes the bytes that were appended count. */
  accept(bytes: Uint8Array): void {
    this.#end += bytes.length;
    this.#tail = bytes.slice(-TAIL);
    this.#hasLeftOver = false;
  }

  /**
   * Removes bytes that were appended and not accepted. If that fails, it is tried again before the next
   * append.
   */
  async discard(): Promise<void> {
    await this.#removeLeftOver().catch(() => undefined);
  }

  /** The bytes from this offset on, at most `length`. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  /** The bytes from this offset on, at most `length`, without waiting for a thread. */
  readNow(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    return bytes.subarray(0, readSync(this.file.fd, bytes, 0, length, offset));
  }

  /**
   * Replaces the file by one that begins with other bytes and ends with the same, in one step: after a crash it is the old
   * one or the new one. The caller makes the name durable.
   * @param from where the part begins that is kept
   * @throws ForeignWriteError, and the error of the file system; then it is the old one
   */
  async replaceStart(bytes: Uint8Array, from: number): Promise<void> {
    const path = `${this.path}.new`;
    await rm(path, { force: true });
    const replacement = await this.openFile(path, 'a+', 0o600);
    try {
      await replacement.appendFile(bytes);
      await replacement.appendFile(this.readNow(from, this.#end - from));
      await replacement.datasync();
      await this.requireUntouched();
      await rename(path, this.path);
    } catch (error) {
      await replacement.close();
      await rm(path, { force: true });
      throw error;
    }
    const old = this.file;
    this.file = replacement;
    this.#end += bytes.length - from;
    await old.close();
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async #removeLeftOver(): Promise<void> {
    await this.file.truncate(this.#end);
    await this.file.datasync();
    this.#hasLeftOver = false;
  }

  #foreign(why: string): ForeignWriteError {
    // Leave the bytes that another process wrote in the file.
    this.#hasLeftOver = false;
    return new ForeignWriteError(
      `${this.path} was changed by somebody else while this log had it: ${why}`,
      'look for another server on this directory, and let only one run',
    );
  }
}

const CHUNK = 1 << 18;
/** More than the record of the largest entry. */
const MAX_LINE = 64 << 20;
/** Enough for the digest at the end of a record, which covers all before it. */
const TAIL = 80;
