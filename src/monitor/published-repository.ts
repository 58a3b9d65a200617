import type { Fetching } from '../chart/fetch/fetching.ts';
import { fetchIndex } from '../chart/fetch/fetched-index.ts';
import { indexedAt } from '../chart/index/indexed-at.ts';
import type { Repository } from '../chart/fetch/repositories.ts';
import { fetchProvenance, offeredBeside } from '../chart/fetch/sidecars.ts';
import { InputError } from '../errors.ts';
import type { ChartServers } from '../run/chart-servers.ts';
import { configuredIn, repositoryList } from '../run/configured-repository.ts';
import type { Context } from '../run/context.ts';
import { readRepositories } from '../run/repositories.ts';
import type { Published } from './published.ts';

/** A chart of a repository that `helm repo add` has made known. */
interface ConfiguredChart {
  readonly repository: Repository;
  /** With a slash at its end. */
  readonly url: URL;
  readonly chart: string;
}

/**
 * The chart that a word `REPO/CHART` stands for; undefined: it is a path.
 * @throws UsageError if it could be both
 * @throws InputError if the repository is for a plugin of Helm, or the list of repositories cannot be read
 */
export async function configuredChart(word: string, context: Context): Promise<ConfiguredChart | undefined> {
  const reference = await configuredIn(word, await repositoryList(context), context);
  if (reference === undefined) return undefined;
  const { repository: name, chart } = reference;
  const repository = (await readRepositories(context)).find((each) => each.name === name);
  if (repository === undefined) return undefined;
  const { url } = repository;
  if (url === undefined)
    throw new InputError(
      `expected the repository ${name} to be at an https URL, found one that a plugin of Helm reads`,
      'fetch its index with that plugin, and give the file',
    );
  // What its index names is below it, whether its address ends with a slash or not.
  const directory = new URL(url);
  if (!directory.pathname.endsWith('/')) directory.pathname += '/';
  return { repository, url: directory, chart };
}

/** Adds all versions of a chart, with the credentials of its repository, as Helm would use them. @throws as `addRepository` */
export async function addConfigured(
  { repository, url, chart }: ConfiguredChart,
  servers: ChartServers,
  published: Published,
): Promise<void> {
  const accessTo = (at: URL) => servers.accessFrom(repository, at);
  await addRepository(url, { ...servers.fetching(), accessTo }, published, chart);
}

/**
 * Adds what the index of a repository names, as it is now.
 * @param repository with a slash at its end
 * @param chart the one chart of which it is; undefined: all
 * @throws InputError if the repository has no such chart
 * @throws SigstoreError if the server does not give the index
 */
export async function addRepository(
  repository: URL,
  fetching: Fetching,
  published: Published,
  chart?: string,
): Promise<void> {
  const { chunks, place } = await fetchIndex(fetching, repository);
  for await (const bytes of chunks) {
    const archives = indexedAt(bytes, place, repository, chart);
    if (chart !== undefined && archives.length === 0)
      throw new InputError(`expected ${place} to name the chart ${chart}, found none of that name`);
    for (const { sha256, name, url } of archives) {
      if (sha256 === undefined) {
        published.addUnread();
        continue;
      }
      const accessTo = () => fetching.accessTo(url);
      const files = {
        bundles: () => offeredBeside(fetching, url, accessTo).bundles(),
        provenance: async () => await fetchProvenance(fetching, url, await accessTo()),
      };
      published.add({ sha256, name, beside: (work) => work(files) });
    }
  }
}
