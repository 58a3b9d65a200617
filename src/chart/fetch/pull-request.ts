import { excerpt } from '../../encoding.ts';
import { RejectedError } from '../../errors.ts';
import { describeUrl } from '../../http/request.ts';
import { placeOfIndexed, type ArchivePlace } from './archive-place.ts';
import type { AskedWords, ChartSource, ExpectedChart } from '../chart-files.ts';
import type { FetchedFiles } from './fetched-chart.ts';
import type { Access } from './fetching.ts';
import { indexedAs, type RepositoryIndex } from '../index/index-match.ts';
import { signedNameOf, type IndexedVersion } from '../index/indexed-charts.ts';
import type { OfferedFiles } from './offered-files.ts';
import { isVersionInRange } from '../versions/version-constraint.ts';

/** A chart that the user's own Helm pulls. */
export interface PullRequest {
  readonly form: ChartSource['form'];
  /** The reference, for people. */
  readonly label: string;
  /** The words of the user, which choose the rule of a policy. */
  readonly asked: AskedWords;
  /** The words behind `helm pull`. */
  readonly words: readonly string[];
  /** Further ones, which depend on the server; absent: none. */
  readonly wordsForServer?: () => Promise<readonly string[]>;
  /** The name that the reference gives the chart, perhaps with folders before it; undefined: it says none. */
  readonly chart: string | undefined;
  /** The version that the user wants, if it is exact. */
  readonly version: string | undefined;
  /** Else the versions that the user wants; absent: all. */
  readonly range?: string;
  /** The repository that the chart comes from, and its index; undefined: there is none. */
  readonly repository: PulledFrom | undefined;
  /** What is offered with a chart that is in no repository, by the name that Helm gave its archive; absent: nothing. */
  readonly offeredWith?: (fileName: string) => OfferedFiles;
}

/** Where the index is that Helm resolves a chart by. */
interface PulledFrom {
  /** Without our scheme. Undefined: it is no server of HTTP. */
  readonly url: URL | undefined;
  /** Whether it is behind the gate, so that its index is one that the gate wrote. */
  readonly isGated: boolean;
  readonly index: () => Promise<RepositoryIndex>;
  /** What goes to the server of a URL that the index names. */
  readonly accessTo: (url: URL) => Promise<Access>;
}

/** What is known of the archive of this name, and where it is. */
export async function knownOf(
  request: PullRequest,
  fileName: string,
): Promise<Pick<FetchedFiles, 'expected' | 'source'> & { readonly place: ArchivePlace | undefined }> {
  const { label, form, repository, version, range, chart = '' } = request;
  const indexed =
    repository && (await indexedAs(await repository.index(), chart, fileName, version ?? range));
  if (indexed !== undefined) requireInRange(request, indexed);
  const place = indexed && placeOfIndexed(repository.url, repository.isGated, indexed.url);
  return {
    place,
    expected: expectedOf(request, indexed, fileName),
    source: {
      form,
      reference: label,
      ...(place instanceof URL && { url: describeUrl(place) }),
      ...(version === undefined && chosenVersion(request, indexed, fileName)),
    },
  };
}

/**
 * The index that Helm was given may be another one than this: what Helm chose by it has to be what the user wants.
 * @throws RejectedError if it is not
 */
function requireInRange({ label, range }: PullRequest, { version }: IndexedVersion): void {
  if (range === undefined || version === range || isVersionInRange(version, range)) return;
  throw new RejectedError(
    `${label}: expected a version in the range ${excerpt(range)}, found ${excerpt(version)}`,
    'ask those who run the repository: it sells one version as another',
  );
}

/** Which version the repository chose, by its index or the name that Helm gave the archive, where these say it. */
function chosenVersion(
  { chart }: PullRequest,
  indexed: IndexedVersion | undefined,
  fileName: string,
): Pick<ChartSource, 'version' | 'versionChosenBy'> {
  const name = chart?.slice(chart.lastIndexOf('/') + 1);
  const isNamed = name !== undefined && fileName.startsWith(`${name}-`);
  const version = indexed?.version ?? (isNamed ? fileName.slice(name.length + 1, -'.tgz'.length) : undefined);
  return { ...(version !== undefined && { version }), versionChosenBy: 'repository' };
}

/** The name that the reference gives the chart; undefined: it gives none. */
export function nameAskedFor({ chart }: PullRequest): string | undefined {
  return chart?.slice(chart.lastIndexOf('/') + 1);
}

/** Every word of the reference and of the index, each of which has to be what is signed. */
function expectedOf(
  request: PullRequest,
  indexed: IndexedVersion | undefined,
  fileName: string,
): ExpectedChart {
  const { version } = request;
  const name = nameAskedFor(request);
  const names = [...new Set([...(name === undefined ? [] : [name]), ...(indexed?.names ?? [])])];
  const said = version ?? indexed?.version;
  return {
    source: version === undefined && indexed ? 'index' : 'reference',
    names,
    ...(said !== undefined && { version: said }),
    // The version as the index writes it, which may have a v in front that the user leaves out.
    signedName: indexed ? signedNameOf(indexed.names, indexed.version) : fileName,
    ...(indexed?.sha256 !== undefined && { sha256: indexed.sha256 }),
  };
}
