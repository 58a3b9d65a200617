import { opendir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { InputError, messageOf } from '../../errors.ts';
import { hasCode } from '../../files/error-code.ts';
import { readRegular } from '../../files/regular-file.ts';

/** What is in the folder `charts/` of an unpacked chart, as far as Helm looks at it. */
export interface PackedEntry {
  readonly name: string;
  /** As the user would write it. */
  readonly path: string;
  /** `folder`: an unpacked chart. */
  readonly kind: 'archive' | 'folder';
  /** Why nothing is read there. */
  readonly problem?: InputError;
}

/** More than any chart has in its `charts/`. */
const MAX_ENTRIES = 10_000;

/** The directory of an unpacked chart. Nothing is read through a link that leads out of it. */
export class ChartDirectory {
  readonly #real: string;

  private constructor(
    /** As the user wrote it. */
    readonly path: string,
    real: string,
  ) {
    this.#real = real;
  }

  /** @throws InputError if it is not there */
  static async open(path: string): Promise<ChartDirectory> {
    return new ChartDirectory(path, await reading(path, realpath(path)));
  }

  /**
   * The bytes of a file in it; undefined if there is none.
   * @param name with slashes, relative to it
   * @throws InputError if it cannot be read, is too long, no regular file, or elsewhere
   */
  async read(name: string, limit: number): Promise<Uint8Array | undefined> {
    const path = join(this.path, name);
    const real = await this.#realPath(path);
    return real === undefined ? undefined : await reading(path, readRegular(real, limit));
  }

  /**
   * All in its `charts/` that Helm takes for charts: folders, and files that end in `.tgz`. It does not look at what begins with
   * a dot or an underscore, and refuses other files.
   * @throws InputError if `charts/` cannot be read, has too much in it, or is elsewhere
   */
  async packedEntries(): Promise<readonly PackedEntry[]> {
    const folder = join(this.path, 'charts');
    const real = await this.#realPath(folder);
    if (real === undefined) return [];
    const names: string[] = [];
    for await (const { name } of await reading(folder, opendir(real))) {
      if (names.length === MAX_ENTRIES)
        throw new InputError(`expected at most ${MAX_ENTRIES} files in ${folder}, found more`);
      if (!/^[._]/.test(name)) names.push(name);
    }
    names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const entries: PackedEntry[] = [];
    for (const name of names) {
      const entry = await this.#entryOf(name, join(folder, name));
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  async #entryOf(name: string, path: string): Promise<PackedEntry | undefined> {
    const named = name.endsWith('.tgz') ? 'archive' : undefined;
    try {
      const real = await this.#realPath(path);
      // Helm ends at a link that leads nowhere.
      if (real === undefined) throw new InputError(`${path} leads nowhere`);
      const isFolder = (await reading(path, stat(real))).isDirectory();
      const kind = isFolder ? 'folder' : named;
      return kind && { name, path, kind };
    } catch (error) {
      if (error instanceof InputError) return { name, path, kind: named ?? 'folder', problem: error };
      throw error;
    }
  }

  /** Where a path leads to; undefined: nothing is there. @throws InputError if that is not within the directory */
  async #realPath(path: string): Promise<string | undefined> {
    const real = await reading(path, realpath(path).catch(ifMissing));
    if (real !== undefined && !real.startsWith(this.#real.endsWith(sep) ? this.#real : this.#real + sep))
      throw new InputError(
        `${path} is a symbolic link that leads out of the chart ${this.path}`,
        'put the file itself there: Helm would take what the link leads to, wherever that is',
      );
    return real;
  }
}

function ifMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')) throw error;
}

async function reading<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw hasCode(error, 'ENOENT')
      ? new InputError(`there is no file or directory ${path}`)
      : new InputError(`cannot read ${path}: ${messageOf(error)}`);
  }
}
