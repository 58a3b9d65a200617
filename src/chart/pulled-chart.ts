import { excerpt } from '../encoding.ts';
import { messageOf, RejectedError, SigstoreError } from '../errors.ts';
import { readRegular, TooLargeError } from '../files/regular-file.ts';
import type { UsersHelm } from '../files/users-helm.ts';
import { isLoopback } from '../http/base-url.ts';
import { describeUrl } from '../http/request.ts';
import type { AskedWords, ChartSource, ExpectedChart, NamedBundles, NamedBytes } from './chart-files.ts';
import { FETCHED_PROVENANCE_LIMIT, FetchedChart } from './fetched-chart.ts';
import type { Access, Fetching } from './fetching.ts';
import { helmPull, type Pulled } from './helm-pull.ts';
import { indexedAs, resolveIndexedUrl, type RepositoryIndex } from './index-match.ts';
import { signedNameOf, type IndexedVersion } from './indexed-charts.ts';
import { fetchBundles, fetchEvidence, fetchProvenanceBundles, noProvenance } from './sidecars.ts';
import { isVersionInRange } from './version-constraint.ts';

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
  /** Finds evidence for a chart that is in no repository; absent: nowhere. */
  readonly evidenceFor?: (fileName: string) => Promise<readonly NamedBytes[]>;
  /** The same for Sigstore bundles of its provenance. */
  readonly provenanceBundlesFor?: (fileName: string) => Promise<readonly NamedBytes[]>;
  /** The same for Sigstore bundles. */
  readonly bundlesFor?: (fileName: string) => Promise<readonly NamedBundles[]>;
}

/** Where the index is that Helm resolves a chart by. */
interface PulledFrom {
  /** Undefined: it is no server of HTTP. */
  readonly url: URL | undefined;
  readonly index: () => Promise<RepositoryIndex>;
  /** What goes to the server of a URL that the index names. */
  readonly accessTo: (url: URL) => Promise<Access>;
}

/** The chart that Helm pulls, held against the reference and against what the index says of its archive. */
export function pulledChart(request: PullRequest, helm: UsersHelm, fetching: Fetching): FetchedChart {
  const name = nameOf(request);
  const known = { ...request, nameBegins: name && `${name}-` };
  return new FetchedChart(known, fetching, async (directory) => {
    const { label, repository, version, form, evidenceFor, provenanceBundlesFor, bundlesFor } = request;
    const done = fetching.watch(label);
    let pulled: Pulled;
    try {
      const words = [...request.words, ...((await request.wordsForServer?.()) ?? [])];
      pulled = await helmPull(helm, { label, words, form }, directory, fetching.deadline());
    } finally {
      done();
    }
    const { archive, provenance, fileName, size } = pulled;
    if (size > fetching.maxArchive)
      throw new SigstoreError(
        'UNCHECKED',
        `${label} was not pulled: its archive is longer than ${fetching.maxArchive} bytes`,
      );
    const wanted = version ?? request.range;
    const indexed =
      repository && (await indexedAs(await repository.index(), request.chart ?? '', fileName, wanted));
    if (indexed !== undefined) requireInRange(request, indexed);
    const url = indexed && repository.url && resolveIndexedUrl(repository.url, indexed.url);
    const isHttp = url !== undefined && mayBeAsked(url, fetching.plainHttp);
    return {
      path: archive,
      expected: expectedOf(request, indexed, fileName),
      source: {
        form,
        reference: label,
        ...(isHttp && { url: describeUrl(url) }),
        ...(version === undefined && chosenVersion(request, indexed, fileName)),
      },
      provenance: () => readProvenance(label, fileName, provenance),
      evidence: async () => {
        if (isHttp && repository) return await fetchEvidence(fetching, url, await repository.accessTo(url));
        return (await evidenceFor?.(fileName)) ?? [];
      },
      provenanceBundles: async () => {
        if (isHttp && repository)
          return await fetchProvenanceBundles(fetching, url, await repository.accessTo(url));
        return (await provenanceBundlesFor?.(fileName)) ?? [];
      },
      bundles: async () => {
        if (isHttp && repository) return await fetchBundles(fetching, url, await repository.accessTo(url));
        return (await bundlesFor?.(fileName)) ?? [];
      },
    };
  });
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

/** Whether files beside a chart are looked for at a URL that an index names. */
function mayBeAsked({ protocol, hostname }: URL, plainHttp: boolean): boolean {
  return protocol === 'https:' || (protocol === 'http:' && (plainHttp || isLoopback(hostname)));
}

/** The name that the reference gives the chart; undefined: it gives none. */
function nameOf({ chart }: PullRequest): string | undefined {
  return chart?.slice(chart.lastIndexOf('/') + 1);
}

/** Every word of the reference and of the index, each of which has to be what is signed. */
function expectedOf(
  request: PullRequest,
  indexed: IndexedVersion | undefined,
  fileName: string,
): ExpectedChart {
  const { version } = request;
  const name = nameOf(request);
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

async function readProvenance(
  label: string,
  fileName: string,
  path: string | undefined,
): Promise<Uint8Array> {
  if (path === undefined) throw noProvenance(`helm pull brings ${fileName} for ${label}`, 'Helm found none');
  try {
    return await readRegular(path, FETCHED_PROVENANCE_LIMIT);
  } catch (error) {
    const why =
      error instanceof TooLargeError
        ? `it is longer than ${FETCHED_PROVENANCE_LIMIT} bytes`
        : messageOf(error);
    throw new SigstoreError('UNCHECKED', `cannot use the provenance of ${label}: ${why}`);
  }
}
