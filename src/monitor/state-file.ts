import { InputError, MalformedError, messageOf, SigstoreError } from '../errors.ts';
import { isFileSystemError } from '../files/error-code.ts';
import { LockHeldError, LockUnavailableError, lockFile, type KernelLock } from '../files/kernel-lock.ts';
import { replaceFile } from '../files/replace-file.ts';
import { readOwnFile } from '../files/user-file.ts';
import { formatState, NewerStateError, parseState, STATE_LIMIT } from './state-format.ts';
import type { MonitorState } from './state.ts';

/** The file of a state, which this run alone may change. */
export interface StateFile {
  readonly path: string;
  /** What it held when it was opened; undefined: there was none. */
  readonly state: MonitorState | undefined;
  /** Replaces it in one step. @throws InputError if it cannot be written */
  readonly write: (state: MonitorState) => Promise<void>;
}

/**
 * Does the work with the file of a state. The lock is a file beside it, `PATH.lock`, and the kernel holds it: a monitor that was
 * killed leaves nothing that blocks the next one.
 * @throws SigstoreError `UNCHECKED` while another monitor works with it
 * @throws InputError if it is damaged, of a later version, or cannot be read or locked
 */
export async function withStateFile<Result>(
  path: string,
  work: (file: StateFile) => Promise<Result>,
): Promise<Result> {
  const lock = await lockFor(path);
  try {
    return await work({ path, state: await readState(path), write: (state) => writeState(path, state) });
  } finally {
    await lock.release();
  }
}

async function lockFor(path: string): Promise<KernelLock> {
  try {
    return await lockFile(`${path}.lock`);
  } catch (error) {
    if (error instanceof LockHeldError)
      throw new SigstoreError(
        'UNCHECKED',
        `${path} is ${error.message}: one monitor at a time goes through a log`,
        'wait until that one has ended, or give this one a state file of its own',
      );
    if (error instanceof LockUnavailableError || isFileSystemError(error))
      throw new InputError(`cannot lock ${path}: ${messageOf(error)}`);
    throw error;
  }
}

async function readState(path: string): Promise<MonitorState | undefined> {
  const bytes = await readOwnFile(path, STATE_LIMIT, `the state ${path}`);
  if (bytes === undefined) return undefined;
  try {
    return parseState(bytes);
  } catch (error) {
    if (error instanceof NewerStateError)
      throw new InputError(
        `the state ${path} is of a later version of this program: ${error.message}`,
        'use that version',
      );
    if (error instanceof MalformedError)
      throw new InputError(
        `the state ${path} is damaged: ${error.message}`,
        'restore it, or remove it: then the log is looked through from its beginning, and what was seen of it before is forgotten',
      );
    throw error;
  }
}

async function writeState(path: string, state: MonitorState): Promise<void> {
  try {
    await replaceFile(path, formatState(state));
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
    throw new InputError(`cannot write the state ${path}: ${messageOf(error)}`);
  }
}
