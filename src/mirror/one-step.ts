import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256Hex, type Sha256 } from '../digest.ts';
import { InputError } from '../errors.ts';
import { requireFolder } from './file-inside.ts';
import type { MirroredFile } from './manifest.ts';
import { PARTIAL } from './read-mirror.ts';

/**
 * Puts files into a directory, each in one step: whoever looks, at any moment or after a crash, finds all of a file or
 * nothing of it. What is being written is in a folder of its own, which holds nothing that counts.
 */
export class OneStepWriter {
  /** @param directory that of the mirror, which is there */
  constructor(private readonly directory: string) {}

  /** Begins, and throws away what was left when an earlier one was stopped. @throws the error of the file system */
  async begin(): Promise<void> {
    await this.end();
    await mkdir(join(this.directory, PARTIAL));
  }

  /** Removes the folder of what is being written. @throws the error of the file system */
  async end(): Promise<void> {
    // Of a link in its place, only the link is removed.
    await rm(join(this.directory, PARTIAL), { recursive: true, force: true });
  }

  /**
   * Copies a file. Its digest is taken of the very bytes that are written, and nothing is put into place that has
   * another one: whatever became of the source since it was judged, the copy is what was judged.
   * @param chunks the bytes of the source
   * @param label of the source, for messages
   * @throws InputError if the source does not have this digest any more
   * @throws the error of the file system, and that of the source
   */
  async copy(
    chunks: AsyncIterable<Uint8Array>,
    label: string,
    path: string,
    sha256: Sha256,
  ): Promise<MirroredFile> {
    return await this.#put(path, async (file) => {
      const hash = createHash('sha256');
      let size = 0;
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        await file.writeFile(chunk);
      }
      if (hash.digest('hex') !== sha256) throw new InputError(`${label} was changed while it was read`);
      return { path, size, sha256 };
    });
  }

  /** Writes a file of these bytes. @throws the error of the file system */
  async write(path: string, bytes: Uint8Array): Promise<MirroredFile> {
    return await this.#put(path, async (file) => {
      await file.writeFile(bytes);
      return { path, size: bytes.length, sha256: sha256Hex(bytes) };
    });
  }

  /** A link in place of the file is replaced, never followed; one in place of its folder is refused. */
  async #put(path: string, fill: (file: FileHandle) => Promise<MirroredFile>): Promise<MirroredFile> {
    const folder = dirname(path);
    if (folder !== '.') {
      await requireFolder(this.directory, folder);
      await mkdir(join(this.directory, folder), { recursive: true });
    }
    const temporary = join(this.directory, PARTIAL, randomUUID());
    try {
      const file = await open(temporary, NEW_FILE, FOR_ALL_TO_READ);
      let written: MirroredFile;
      try {
        written = await fill(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, join(this.directory, path));
      return written;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** A server has to read it; what the user's mask takes away is taken away. */
const FOR_ALL_TO_READ = 0o644;
