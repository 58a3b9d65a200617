import { open, readFile, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { OpenFile } from '../../src/embedded-log/journal/entries-file.ts';

/** An operation on a file that is about to happen. */
export interface Operation {
  readonly file: string;
  readonly name: 'read' | 'write' | 'datasync' | 'truncate';
}

/**
 * A real file system that is looked at: it remembers what was done in which order, and what a power cut would leave of
 * each file. What was not synced may be there or not, or half of it.
 */
export class WatchedDisk {
  readonly operations: Operation[] = [];
  private readonly durable = new Map<string, Buffer>();
  /** Throws what the operation shall fail with; may also wait. */
  before: (operation: Operation) => void | Promise<void> = () => undefined;
  private readonly written = new Map<string, Buffer>();

  /** To be given to the log in place of that of Node. */
  readonly openFile: OpenFile = async (path, flags, mode) => {
    const file = await open(path, flags, mode);
    if (!this.durable.has(path)) this.durable.set(path, await readFile(path));
    return this.watched(path, file);
  };

  /** What a power cut leaves now, by file name: what is durable, and so many bytes of what is not. */
  remains(keepUnsynced: number): Map<string, Uint8Array> {
    return new Map(
      [...this.durable].map(([path, durable]) => {
        const now = this.written.get(path) ?? durable;
        const isOverwritten = now.length === durable.length && keepUnsynced > 0;
        const extra = now.subarray(durable.length, durable.length + keepUnsynced);
        return [basename(path), isOverwritten ? now : Buffer.concat([durable, extra])];
      }),
    );
  }

  private watched(path: string, file: FileHandle): FileHandle {
    const note = async (name: Operation['name']) => {
      const operation = { file: basename(path), name };
      await this.before(operation);
      this.operations.push(operation);
    };
    const changed = async () => {
      this.written.set(path, await readFile(path));
    };
    const calls: Partial<Record<string, (...args: never[]) => Promise<unknown>>> = {
      read: async (...args) => {
        await note('read');
        return await file.read(...(args as unknown as Parameters<FileHandle['read']>));
      },
      write: async (...args) => {
        await note('write');
        const result = await file.write(...(args as unknown as [Buffer, number, number, number]));
        await changed();
        return result;
      },
      appendFile: async (bytes: Buffer) => {
        await note('write');
        await file.appendFile(bytes);
        await changed();
      },
      truncate: async (size: number) => {
        await note('truncate');
        await file.truncate(size);
        await changed();
      },
      datasync: async () => {
        await note('datasync');
        await file.datasync();
        this.durable.set(path, await readFile(path));
      },
    };
    return new Proxy(file, {
      get: (target, name) => {
        const call = calls[String(name)];
        if (call !== undefined) return call;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }
}
