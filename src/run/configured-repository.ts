import { stat } from 'node:fs/promises';
import { repositoryWord, type RepositoryReference } from '../chart/fetch/reference.ts';
import { REPOSITORIES_LIMIT } from '../chart/fetch/repositories.ts';
import { UsageError } from '../errors.ts';
import { readOwnFile } from '../files/user-file.ts';
import type { Context } from './context.ts';
import { namesInIndex, repositoriesFile } from './directories.ts';
import { readRepositories } from './repositories.ts';

/** The bytes of the list of repositories; undefined: there is none. @throws InputError if it cannot be read */
export async function repositoryList(context: Context): Promise<Uint8Array | undefined> {
  const list = repositoriesFile(context);
  return list === undefined ? undefined : await readOwnFile(list, REPOSITORIES_LIMIT, list);
}

/**
 * The chart of a repository that a word may stand for; undefined: it is a path. Where the list of repositories does not have the
 * name anywhere in it, it is not parsed; else whether there is such a repository, its reader says.
 * @param bytes the list of repositories
 * @param isPathFirst whether the word is a path where there is one
 * @throws UsageError if there is such a path as well
 */
export async function configuredIn(
  word: string,
  bytes: Uint8Array | undefined,
  context: Context,
  isPathFirst = false,
): Promise<RepositoryReference | undefined> {
  const reference = repositoryWord(word);
  if (reference === undefined) return undefined;
  if (!bytes || !Buffer.from(bytes).includes(reference.repository)) return undefined;
  const isPath = await stat(word).then(
    () => true,
    () => false,
  );
  if (!isPath) return reference;
  if (isPathFirst) return undefined;
  if (!(await mayHave(reference, context))) return undefined;
  throw new UsageError(
    `${word} is a path, and may be a chart of the repository ${reference.repository} as well`,
    `write ./${word} for the path, or the URL of the chart`,
  );
}

/** Whether there is such a repository, and its index that was cached last names the chart, by the list that Helm keeps beside it. */
async function mayHave({ repository, chart }: RepositoryReference, context: Context): Promise<boolean> {
  const configured = await readRepositories(context);
  if (!configured.some(({ name }) => name === repository)) return false;
  const place = namesInIndex(repository, context);
  const names = place === undefined ? undefined : await readOwnFile(place, NAMES_LIMIT, place);
  return !names || Buffer.from(names).toString('utf8').split(/\r?\n/).includes(chart);
}

/** In bytes, of the names of all charts in an index. */
const NAMES_LIMIT = 16 << 20;
