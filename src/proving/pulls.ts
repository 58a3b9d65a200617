import { attachedToPulled, type RegistryFetching } from '../chart/fetch/attached-evidence.ts';
import { fetchIndex } from '../chart/fetch/fetched-index.ts';
import type { Fetching } from '../chart/fetch/fetching.ts';
import type { RepositoryIndex } from '../chart/index/index-match.ts';
import type { PullRequest } from '../chart/fetch/pull-request.ts';
import type { OciReference, RepositoryUrlReference } from '../chart/fetch/reference.ts';
import type { Repository } from '../chart/fetch/repositories.ts';
import { SigstoreError } from '../errors.ts';
import { readChunks } from '../files/chunks.ts';
import { isGated } from '../gate-schemes.ts';
import { isLoopback } from '../http/base-url.ts';
import { describeUrl } from '../http/request.ts';
import { formatReference } from '../registry/reference.ts';
import type { ChartServers } from '../run/chart-servers.ts';
import type { Context } from '../run/context.ts';
import { cachedIndex } from '../run/directories.ts';

/** What the user's own Helm is asked to pull, whatever the version. */
export type UnversionedPull = Omit<PullRequest, 'version' | 'range'>;

/** A chart of a repository that the user has configured: Helm resolves it by the index that it keeps of that. */
export function pullOfConfigured(
  repository: Repository,
  chart: string,
  servers: ChartServers,
  context: Context,
): UnversionedPull {
  const label = `${repository.name}/${chart}`;
  const place = cachedIndex(repository.name, context) ?? '';
  const index = (): Promise<RepositoryIndex> =>
    Promise.resolve({ place, chunks: readChunks(place, INDEX_CHUNK) });
  const accessTo = (url: URL) => servers.accessFrom(repository, url);
  return {
    form: 'repository',
    label,
    asked: { reference: addressOf(repository), chart },
    words: [label],
    chart,
    repository: { url: repository.url, isGated: isGated(repository.address), index, accessTo },
  };
}

/** Where a repository is, for the rules of a policy: credentials in its URL, which Helm takes, are no part of that. */
function addressOf({ url, address }: Repository): string {
  if (url === undefined) return address;
  const place = new URL(url);
  place.username = place.password = '';
  return place.href;
}

/** A chart of the repository at a URL, whose index is fetched. */
export function pullOfNamed(
  { url, chart }: RepositoryUrlReference,
  servers: ChartServers,
  fetching: Fetching,
): UnversionedPull {
  return {
    form: 'repository-url',
    label: `${chart} in ${describeUrl(url)}`,
    asked: { reference: url.href, chart },
    words: [chart, `--repo=${url.href}`],
    chart,
    repository: {
      url,
      isGated: false,
      index: () => fetchIndex(fetching, url),
      accessTo: (of) => servers.accessTo(of),
    },
  };
}

/** A chart in a registry of which Helm chooses the tag. */
export function pullOfRegistry(
  reference: OciReference,
  fetching: RegistryFetching & Pick<Fetching, 'plainHttp'>,
): UnversionedPull {
  const label = formatReference(reference);
  return {
    form: 'oci',
    label,
    asked: { reference: label },
    words: [label],
    wordsForServer: async () => ((await speaksPlainHttp(reference, fetching)) ? ['--plain-http'] : []),
    chart: reference.repository,
    repository: undefined,
    offeredWith: (fileName) => attachedToPulled(reference, fileName, fetching),
  };
}

/** Whether a registry is asked without encryption, as this program asks it itself: because it is of this machine, or the user says so. */
async function speaksPlainHttp(
  reference: OciReference,
  fetching: RegistryFetching & Pick<Fetching, 'plainHttp'>,
): Promise<boolean> {
  if (fetching.plainHttp) return true;
  if (!isLoopback(new URL(`https://${reference.host}`).hostname)) return false;
  try {
    const repository = await fetching.repository(reference, fetching.deadline());
    return repository.url('').protocol === 'http:';
  } catch (error) {
    // Why it does not answer is for Helm to say.
    if (error instanceof SigstoreError) return false;
    throw error;
  }
}

/** A chart behind a scheme that a plugin of Helm knows. */
export function pullByHelm(text: string): UnversionedPull {
  return {
    form: 'helm',
    label: text.replace(/\?.*$/s, ''),
    asked: { reference: text },
    words: [text],
    chart: undefined,
    repository: undefined,
  };
}

/** Bytes that are read at a time. */
const INDEX_CHUNK = 1 << 18;
