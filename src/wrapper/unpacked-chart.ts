import { isAbsolute } from 'node:path';
import { UsageError } from '../errors.ts';
import { isDirectory } from '../files/is-directory.ts';
import { isPresent } from '../files/is-present.ts';
import type { RunContext } from '../run/context.ts';
import { isUrl } from '../settings/path-value.ts';
import type { HelmCall } from './helm-call.ts';

/**
 * The path of a chart that is a directory, which nobody can have signed, so that Helm takes it for nothing else; undefined: the
 * reference is no directory. As for Helm 4, `--repo` says that it is none.
 * @throws UsageError unless the policy allows directories, or if the word may mean a chart of a repository as well
 */
export async function unpackedChart(
  reference: string,
  { source, verb }: HelmCall,
  context: RunContext,
): Promise<string | undefined> {
  if (source.values.repo !== undefined || isUrl(reference) || !(await isDirectory(reference)))
    return undefined;
  if (context.policy?.policy.unpacked !== 'allow')
    throw new UsageError(
      `${reference} is a directory, which nobody can have signed: ${verb.join(' ')} takes verified charts alone`,
      'a policy with "unpacked: allow" lets directories pass, unverified',
    );
  const { configuredIn, repositoryList } = await import('../run/configured-repository.ts');
  await configuredIn(reference, await repositoryList(context), context);
  return isAbsolute(reference) || /^\.{1,2}(?:[/\\]|$)/.test(reference) ? reference : `./${reference}`;
}

/** @throws UsageError on a file or a directory, which there is nothing to pull of */
export async function requireRemote(reference: string, { source }: HelmCall): Promise<void> {
  if (source.values.repo !== undefined || isUrl(reference) || !(await isPresent(reference))) return;
  throw new UsageError(
    `expected a chart in a repository or a registry, or a URL, found the path ${reference}`,
    'helm sigstore verify says whether a file is good; a chart of a repository is meant from another directory',
  );
}
