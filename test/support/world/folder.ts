import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of its own for a test or a file of tests; whoever makes one removes it. */
export class Folder {
  constructor(readonly directory: string) {}

  /** A new empty one. */
  static async create(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'helm-sigstore-')));
  }

  /** Writes a file below the directory and returns its path. */
  async write(name: string, content: Uint8Array | string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, content);
    return path;
  }

  async subdirectory(name: string): Promise<string> {
    const path = join(this.directory, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.directory, name));
  }

  /** Puts a directory in the place of a file. */
  async makeDirectory(name: string): Promise<void> {
    await this.remove(name);
    await mkdir(join(this.directory, name));
  }

  /** Every file and directory below it, with the digest of its content. */
  async content(): Promise<string[]> {
    const entries = await readdir(this.directory, { recursive: true, withFileTypes: true });
    const lines = entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const bytes = entry.isFile() ? await readFile(path) : '';
      return `${path} ${createHash('sha256').update(bytes).digest('hex')}`;
    });
    return (await Promise.all(lines)).sort();
  }

  /** Removes the directory. */
  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
