import { parseRepositories, REPOSITORIES_LIMIT, type Repository } from '../chart/fetch/repositories.ts';
import { InputError, MalformedError } from '../errors.ts';
import { readOwnFile } from '../files/user-file.ts';
import type { Context } from './context.ts';
import { repositoriesFile } from './directories.ts';

/** The repositories that `helm repo add` has made known. @throws InputError if the file with them cannot be read */
export async function readRepositories(context: Context): Promise<readonly Repository[]> {
  const path = repositoriesFile(context);
  const bytes = path === undefined ? undefined : await readOwnFile(path, REPOSITORIES_LIMIT, path);
  try {
    return bytes ? parseRepositories(bytes) : [];
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`expected ${path ?? ''} to be the list of repositories of Helm: ${error.message}`);
  }
}
