import { createHash } from 'node:crypto';
import { cp, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha256 } from '../../digest.ts';
import { InputError, messageOf } from '../../errors.ts';
import { CHARTS, isRealFolder, openWorkshop } from './charts-workshop.ts';

/** An archive for `charts/`, which was judged. */
export interface JudgedArchive {
  /** In `charts/`: no path. */
  readonly fileName: string;
  /** Of what was judged. */
  readonly sha256: Sha256;
  readonly label: string;
  /** Its bytes, once more. */
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/**
 * Makes the `charts/` of an unpacked chart anew, with these archives in place of others, and everything else that is in it. The
 * new folder is made whole, and then put in place of the old one: whatever stops it, `charts/` is one of them, at the latest when
 * the next run begins with {@link mendCharts}.
 * @param replaced the archives in it that are left out
 * @throws InputError if a file cannot be read or written, is not what was judged any more, or another run is at work
 */
export async function replaceArchives(
  directory: string,
  archives: readonly JudgedArchive[],
  replaced: readonly string[],
): Promise<void> {
  const charts = join(directory, CHARTS);
  const hasCharts = await isRealFolder(charts);
  const { fresh, old, remove } = await openWorkshop(directory);
  try {
    for (const archive of archives) await write(join(fresh, archive.fileName), archive);
    if (hasCharts) await copyOthers(charts, fresh, new Set([...replaced, ...archives.map(nameOf)]));
    await put(fresh, charts, hasCharts ? old : undefined);
  } catch (error) {
    throw error instanceof InputError
      ? error
      : new InputError(`cannot make ${charts} anew: ${messageOf(error)}`);
  } finally {
    // It has what counts only where it could not be put back.
    if (!hasCharts || (await isRealFolder(charts).catch(() => false))) await remove();
  }
}

const nameOf = ({ fileName }: JudgedArchive): string => fileName;

/** What is written is what was judged, whatever became of its source since. */
async function write(path: string, { chunks, sha256, label }: JudgedArchive): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    const hash = createHash('sha256');
    for await (const chunk of chunks()) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    if (hash.digest('hex') !== sha256) throw new InputError(`${label} was changed while it was read`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Helm leaves other files as they are; links stay links. */
async function copyOthers(from: string, to: string, without: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(from))
    if (!without.has(name))
      await cp(join(from, name), join(to, name), {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
        errorOnExist: true,
        force: false,
      });
}

/** Two renamings, the first of which is taken back if the second one fails. */
async function put(fresh: string, charts: string, old: string | undefined): Promise<void> {
  if (old === undefined) {
    await rename(fresh, charts);
    return;
  }
  await rename(charts, old);
  try {
    await rename(fresh, charts);
  } catch (error) {
    await rename(old, charts);
    throw error;
  }
}
