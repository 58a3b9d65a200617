import { stat } from 'node:fs/promises';
import { repositoryWord, type RepositoryReference } from '../chart/reference.ts';
import { UsageError } from '../errors.ts';
import { readOwnFile } from '../files/user-file.ts';
import type { Context } from './context.ts';
import { namesInIndex, repositoriesFile } from './directories.ts';

/** The bytes of the list of repositories; undefined: there is none. @throws InputError if it cannot be read */
export async function repositoryList(context: Context): Promise<Uint8Array | undefined> {
  const list = repositoriesFile(context);
  return list === undefined ? undefined : await readOwnFile(list, LIST_LIMIT, list);
}

/**
 * The chart of a repository that a word may stand for; undefined: it is a path. The list of repositories is only searched
 * for the name here: whether there is such a repository, its reader says.
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
  if (!(await mayHave(reference, bytes, context))) return undefined;
  throw new UsageError(
    `${word} is a path, and may be a chart of the repository ${reference.repository} as well`,
    `write ./${word} for the path, or the URL of the chart`,
  );
}

/** Whether the index that was cached last names the chart, by the list of names that Helm keeps beside it. */
async function mayHave(
  { repository, chart }: RepositoryReference,
  repositories: Uint8Array,
  context: Context,
): Promise<boolean> {
  const isName = Buffer.from(repositories)
    .toString('utf8')
    .split(/[\n{,]/)
    .some((part) => /^\s{0,20}(?:-\s{1,20})?"?name"?:/.test(part) && part.includes(repository));
  if (!isName) return false;
  const place = namesInIndex(repository, context);
  const names = place === undefined ? undefined : await readOwnFile(place, LIST_LIMIT, place);
  return !names || Buffer.from(names).toString('utf8').split(/\r?\n/).includes(chart);
}

const LIST_LIMIT = 16 << 20;
