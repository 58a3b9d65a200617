import type { LockedDependency } from '../chart/dependencies/locked-chart.ts';
import {
  parseReference,
  parseRepositoryUrl,
  repositoryWord,
  type OciReference,
  type ReferenceOptions,
  type RepositoryUrlReference,
} from '../chart/fetch/reference.ts';
import type { Repository } from '../chart/fetch/repositories.ts';
import { isExactVersion } from '../chart/versions/semantic-version.ts';
import { excerpt } from '../encoding.ts';
import { InputError, UsageError } from '../errors.ts';
import { withoutTrailing } from '../trailing.ts';

/** Where a chart is that a lock lists. */
export type LockedReference = { readonly configured: Repository } | OciReference | RepositoryUrlReference;

/**
 * Where a chart is that a lock lists: in a repository that the user has configured for its URL, in a registry, or in the
 * repository at that URL.
 * @throws InputError on a name, a version or a repository that cannot be asked for: a lock is a file of others
 */
export function referenceOfLocked(
  { name, version, repository }: LockedDependency,
  configured: readonly Repository[],
  options: ReferenceOptions,
): LockedReference {
  const which = `${excerpt(name)} ${excerpt(version)} of the lock`;
  if (repositoryWord(`repository/${name}`)?.chart.includes('/') !== false)
    throw new InputError(`${which}: expected the name of a chart, found another text`);
  if (!isExactVersion(version)) throw new InputError(`${which}: expected one version, found another text`);
  const same = configured.find(({ address }) => isSameAddress(address, repository));
  if (same !== undefined) return { configured: same };
  try {
    if (!/^oci:/i.test(repository)) return withoutQuery(parseRepositoryUrl(name, repository, options), which);
    const reference = parseReference(`${withoutTrailing(repository, '/')}/${name}`, options);
    if (reference.form === 'oci' && reference.tag === undefined && reference.digest === undefined)
      return reference;
    throw new InputError(`${which}: expected a registry, found ${excerpt(repository)}`);
  } catch (error) {
    // The words are those of a file, and not of the command line.
    throw error instanceof UsageError ? new InputError(`${which}: ${error.message}`, error.hint) : error;
  }
}

/** Others can read the arguments of `helm pull`, among which the URL is, and a query may be a token. */
function withoutQuery(reference: RepositoryUrlReference, which: string): RepositoryUrlReference {
  if (reference.url.search === '') return reference;
  throw new InputError(
    `${which}: expected a repository whose URL has no query, found one`,
    'add the repository with helm repo add, under this URL: then only its name is given to helm pull',
  );
}

/** Whether two addresses are of one repository, for Helm: a slash at the end makes no difference. */
function isSameAddress(one: string, other: string): boolean {
  return withoutTrailing(one, '/') === withoutTrailing(other, '/');
}
