import { sha256Hex } from '../digest.ts';
import { TooLargeError } from '../files/regular-file.ts';
import { measureInside, oddityAt, readInside } from './file-inside.ts';
import type { MirroredFile } from './manifest.ts';
import type { MirrorDirectory } from './mirror-directory.ts';

/** Writes the files of a mirror that are not there yet, or have other bytes. */
export class WrittenFiles {
  /** Whether one had to be written. */
  isAnyNew = false;

  constructor(private readonly directory: MirrorDirectory) {}

  /** The bytes of a file; undefined if there is none, or it is larger than any that this program writes. */
  async read(path: string, limit: number): Promise<Uint8Array | undefined> {
    try {
      return await readInside(this.directory.path, path, limit);
    } catch (error) {
      if (error instanceof TooLargeError) return undefined;
      throw error;
    }
  }

  /**
   * The file as the manifest has it; undefined if it is gone. An altered one stays in the manifest as it was, so that
   * a verification finds it.
   */
  async keep(file: MirroredFile): Promise<MirroredFile | undefined> {
    const isGone =
      (await oddityAt(this.directory.path, file.path)) === undefined &&
      (await measureInside(this.directory.path, file.path)) === undefined;
    return isGone ? undefined : file;
  }

  /** The file of these bytes, written if it is not there, or another. */
  async put(path: string, bytes: Uint8Array): Promise<MirroredFile> {
    const sha256 = sha256Hex(bytes);
    const present = await measureInside(this.directory.path, path);
    if (present?.sha256 === sha256) return present;
    this.isAnyNew = true;
    return await this.directory.files.write(path, bytes);
  }
}
