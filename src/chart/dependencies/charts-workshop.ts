import { lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf } from '../../errors.ts';
import { hasCode } from '../../files/error-code.ts';
import { describeProcess, processState } from '../../files/process-identity.ts';
import { readRegular } from '../../files/regular-file.ts';

/** The folder of an unpacked chart in which the charts are that it needs. */
export const CHARTS = 'charts';

/** Beside it: what is being made of it, and what it was, for a moment. Only one run can have it. */
const WORKSHOP = 'tmpcharts-sigstore';
const [FRESH, OLD, OWNER] = ['new', 'old', 'owner'] as const;

/** Where `charts/` is made anew. */
interface Workshop {
  /** An empty folder, for the new one. */
  readonly fresh: string;
  /** Where the old one is put; nothing is there. */
  readonly old: string;
  /** Removes all of it. */
  readonly remove: () => Promise<void>;
}

/** @throws InputError if another run has it, or it cannot be made */
export async function openWorkshop(directory: string): Promise<Workshop> {
  const path = join(directory, WORKSHOP);
  try {
    await mkdir(path, { mode: 0o755 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw cannotWrite(directory, error);
    throw isInTheWay(path);
  }
  const remove = () => rm(path, { recursive: true, force: true });
  try {
    await writeFile(join(path, OWNER), `${await describeProcess()} \n`, { flag: 'wx' });
    await mkdir(join(path, FRESH), { mode: 0o755 });
  } catch (error) {
    await remove();
    throw cannotWrite(directory, error);
  }
  return { fresh: join(path, FRESH), old: join(path, OLD), remove };
}

/**
 * Cleans up after a run that was killed while it made `charts/` anew: if that is not there, it becomes what it was before.
 * What a run is at work with, or may be, stays as it is.
 * @throws InputError if the directory cannot be written to
 */
export async function mendCharts(directory: string): Promise<void> {
  const path = join(directory, WORKSHOP);
  // A link would lead to what is another's.
  if (!(await isRealFolder(path).catch(() => false))) return;
  const owner = await readRegular(join(path, OWNER), OWNER_LIMIT).then(String, () => '');
  if ((await processState(owner)) !== 'ended') return;
  const [charts, old] = [join(directory, CHARTS), join(path, OLD)];
  try {
    if (!(await isRealFolder(charts)) && (await isRealFolder(old))) await rename(old, charts);
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw error instanceof InputError ? error : cannotWrite(directory, error);
  }
}

const OWNER_LIMIT = 1000;

/** Whether there is a folder; a link to one is none. @throws InputError if something else is there */
export async function isRealFolder(path: string): Promise<boolean> {
  try {
    if ((await lstat(path)).isDirectory()) return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw new InputError(`cannot read ${path}: ${messageOf(error)}`);
  }
  throw new InputError(`${path} is no directory`);
}

function isInTheWay(path: string): InputError {
  return new InputError(
    `${path} is there: another run makes charts/, or one was stopped on another machine`,
    `if no other run is at work, remove it; first put ${join(path, OLD)} in place of charts/, if that is not there`,
  );
}

function cannotWrite(directory: string, error: unknown): InputError {
  return new InputError(`cannot write to ${directory}: ${messageOf(error)}`);
}
