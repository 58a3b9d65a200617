import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import { replaceFile } from '../files/replace-file.ts';
import { readOwnFile } from '../files/user-file.ts';
import { parseJson } from '../shape.ts';
import { inUtf8 } from '../user-text.ts';

/**
 * The log that a user chose with `log use`, which counts where none is named; undefined: none was chosen.
 * @param directory that of the user's configuration
 * @throws InputError if the choice cannot be read: a chart meant for a private log must not end up on the
 * public one
 */
export async function readDefaultLog(directory: string): Promise<string | undefined> {
  const path = defaultLogPath(directory);
  const bytes = await readOwnFile(path, LIMIT, `the choice of a log ${path}`);
  if (bytes === undefined) return undefined;
  try {
    return urlIn(parseJson(inUtf8(bytes)));
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`the choice of a log ${path} is damaged: ${error.message}`, CHOOSE_AGAIN);
  }
}

/** Makes the log at this URL the default, in one step, and returns the path of the file. @throws InputError */
export async function writeDefaultLog(directory: string, url: string): Promise<string> {
  const path = defaultLogPath(directory);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await replaceFile(path, `${JSON.stringify({ url }, undefined, 2)}\n`);
  } catch (error) {
    throw new InputError(`cannot write the choice of a log ${path}: ${messageOf(error)}`, NEEDS_DIRECTORY);
  }
  return path;
}

/** Removes the choice, even a damaged one, so that the public log is the default. @throws InputError */
export async function removeDefaultLog(directory: string): Promise<void> {
  const path = defaultLogPath(directory);
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw new InputError(`cannot remove the choice of a log ${path}: ${messageOf(error)}`, NEEDS_DIRECTORY);
  }
}

/** What to do about a choice that is damaged. */
export const CHOOSE_AGAIN =
  'choose again: helm sigstore log use URL, or helm sigstore log use --default for the public log';

/** Where the choice is kept. */
function defaultLogPath(directory: string): string {
  return join(directory, 'default-log.json');
}

const NEEDS_DIRECTORY = 'make the directory writable, or set HELM_CONFIG_HOME to another one';

/** It holds one URL. */
const LIMIT = 16 * 1024;

function urlIn(value: unknown): string {
  const url = typeof value === 'object' && value !== null && 'url' in value ? value.url : undefined;
  if (typeof url !== 'string') throw new MalformedError('expected a member "url", found none');
  return url;
}
