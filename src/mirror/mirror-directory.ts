import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex, type Sha256 } from '../digest.ts';
import { equalBytes } from '../encoding.ts';
import { InputError } from '../errors.ts';
import { lockFile, LockHeldError, LockUnavailableError, type KernelLock } from '../files/kernel-lock.ts';
import { OddFileError, oddityAt, readInside } from './file-inside.ts';
import { inMirror } from './in-mirror.ts';
import { formatManifest, MANIFEST, MANIFEST_LIMIT, type Manifest } from './manifest.ts';
import { OneStepWriter } from './one-step.ts';
import { LOCK, manifestIn, readMirrorToWrite } from './read-mirror.ts';

/** The directory of a mirror that is written to, by one run at a time. */
export class MirrorDirectory {
  private constructor(
    readonly path: string,
    /** What was in it when it was opened. */
    readonly before: Manifest,
    readonly files: OneStepWriter,
    private readonly lock: KernelLock | undefined,
  ) {}

  /**
   * Opens the directory of a mirror, or makes one: an empty directory, or one that is not there, becomes one.
   * @throws InputError if it holds something else, another run has it, or it cannot be written to
   */
  static async open(path: string): Promise<MirrorDirectory> {
    return await inMirror(path, async () => {
      await mkdir(path, { recursive: true });
      // Nothing is made in a directory that is something else.
      await readMirrorToWrite(path);
      const lock = await lockMirror(path);
      try {
        const files = new OneStepWriter(path);
        await files.begin();
        const { manifest } = (await readMirrorToWrite(path)) ?? { manifest: EMPTY };
        const directory = new MirrorDirectory(path, manifest, files, lock);
        // From now on it is a mirror, whenever the run is stopped.
        await directory.writeManifest(manifest);
        return directory;
      } catch (error) {
        await lock?.release();
        throw error;
      }
    });
  }

  /** Whether no other run can write to it. Some systems have no locks. */
  get isLocked(): boolean {
    return this.lock !== undefined;
  }

  /**
   * Puts a manifest in the place of the one that is there, if it says something else.
   * @throws InputError if it cannot be written
   */
  async writeManifest(manifest: Manifest): Promise<{ readonly sha256: Sha256; readonly isNew: boolean }> {
    return await inMirror(this.path, async () => {
      const bytes = formatManifest(manifest);
      // What cannot be read again is not written.
      manifestIn(bytes, this.path);
      const present = await readInside(this.path, MANIFEST, MANIFEST_LIMIT);
      const isNew = present === undefined || !equalBytes(present, bytes);
      if (isNew) await this.files.write(MANIFEST, bytes);
      return { sha256: sha256Hex(bytes), isNew };
    });
  }

  /** Leaves nothing behind but the mirror. @throws InputError if that cannot be */
  async close(): Promise<void> {
    await inMirror(this.path, async () => {
      try {
        await this.files.end();
        // Last of all, and while the lock is held: another run that opened the file before finds that it is gone.
        await rm(join(this.path, LOCK), { force: true });
      } finally {
        await this.lock?.release();
      }
    });
  }
}

const EMPTY: Manifest = { charts: [], files: [] };

async function lockMirror(path: string): Promise<KernelLock | undefined> {
  const odd = await oddityAt(path, LOCK);
  // The lock says in it who holds it, and would say it in whatever file a link leads to.
  if (odd !== undefined) throw new OddFileError(LOCK, odd);
  try {
    return await lockFile(join(path, LOCK));
  } catch (error) {
    if (error instanceof LockUnavailableError) return undefined;
    if (error instanceof LockHeldError)
      throw new InputError(
        `the mirror ${path} is in use by ${error.holder}`,
        'wait until that run has ended, or name another directory',
      );
    throw error;
  }
}
