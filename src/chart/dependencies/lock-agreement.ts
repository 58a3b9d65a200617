import { excerpt } from '../../encoding.ts';
import { InputError } from '../../errors.ts';
import type { ChartLock } from './chart-lock.ts';
import type { DeclaredDependencies, Dependency } from '../archive/dependencies.ts';
import { lockDigest, lockDigestOfHelm2 } from './lock-digest.ts';
import { isVersionInRange } from '../versions/version-constraint.ts';

/** A repository that the user has configured. */
export interface ConfiguredRepository {
  readonly name: string;
  /** As it stands in the list of repositories. */
  readonly address: string;
}

/**
 * How a lock differs from what Chart.yaml asks for; undefined: it does not. The digest alone would not say so, as anybody
 * can compute it: so each dependency is compared as well.
 * @throws InputError if a repository is named that is not configured
 */
export function lockDifference(
  { apiVersion, dependencies }: DeclaredDependencies,
  lock: ChartLock,
  configured: readonly ConfiguredRepository[],
): string | undefined {
  const resolved = dependencies?.map((dependency) => withUrl(dependency, configured));
  const [required, locked] = [resolved ?? [], lock.dependencies ?? []];
  if (locked.length !== required.length)
    return `Chart.yaml asks for ${required.length} charts, and it lists ${locked.length}`;
  for (const [at, dependency] of required.entries()) {
    const other = locked[at];
    const difference = other && differenceBetween(dependency, other);
    if (difference !== undefined) return difference;
  }
  const digest = lockDigest(resolved, lock.dependencies);
  if (lock.digest === digest) return undefined;
  if (apiVersion === 'v1' && lock.digest === lockDigestOfHelm2(dependencies)) return undefined;
  return `Chart.yaml was changed since: expected the digest ${digest}, found ${excerpt(lock.digest)}`;
}

/** With the URL that Helm puts in the place of a name. */
function withUrl(dependency: Dependency, configured: readonly ConfiguredRepository[]): Dependency {
  const [, alias] = /^(?:@|alias:)(.*)$/su.exec(dependency.repository) ?? [];
  if (alias === undefined) return dependency;
  const repository = configured.find(({ name }) => name === alias)?.address;
  if (repository === undefined)
    throw new InputError(
      `Chart.yaml names the repository ${excerpt(dependency.repository)}, which is not configured`,
      'add it with helm repo add, under this name',
    );
  return { ...dependency, repository };
}

function differenceBetween(required: Dependency, locked: Dependency): string | undefined {
  const name = excerpt(required.name);
  if (required.name !== locked.name)
    return `Chart.yaml asks for ${name} where it lists ${excerpt(locked.name)}`;
  if (required.repository !== locked.repository)
    return `Chart.yaml asks for ${name} from ${excerpt(required.repository)}, and it lists ${excerpt(locked.repository)}`;
  const isWanted =
    locked.repository === ''
      ? locked.version === required.version
      : isVersionInRange(locked.version, required.version);
  return isWanted
    ? undefined
    : `Chart.yaml asks for ${name} ${excerpt(required.version)}, and it lists ${excerpt(locked.version)}`;
}
