import { tagOf } from './tagged-version.ts';
import { decodePercent, excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { GATE_PREFIX } from '../../gate-schemes.ts';
import { parseRegistryReference } from '../../registry/reference.ts';
import { formatDemands, parseDemands, type Demands } from './demands.ts';
import { httpUrl, PROVENANCE_ENDING, shownHref, untagged } from './handed-url.ts';
import { requireFetchable } from './true-address.ts';

/** Which file of a chart is asked for. */
export interface WantedFile {
  readonly file: 'archive' | 'provenance';
}

/** A file of a chart, which a URL that {@link formatListed} makes names. */
export interface ListedAddress extends WantedFile {
  readonly kind: 'listed';
  /** The URL of the repository without our scheme, credentials and query: what chooses the rule, with the query and the name of the chart. */
  readonly repository: string;
  /** The name of the chart in it, perhaps with folders before it; undefined: the repository is one chart. */
  readonly chart: string | undefined;
  /** Whether the repository has a query in its URL: that may be secret, and stands nowhere in an index. */
  readonly hasQuery: boolean;
  readonly demands: Demands;
}

/** A repository, as the URLs in its index name it. */
export interface ListedRepository {
  /** Without our scheme, credentials and query. */
  readonly place: string;
  readonly hasQuery: boolean;
}

/** How the index that we write names a repository: without what may be secret. */
export function listedRepository(repository: URL): ListedRepository {
  return { place: publicUrl(repository), hasQuery: repository.search !== '' };
}

/**
 * The URL of an archive in an index that we write: it lies under the URL of the repository, with our scheme.
 * @param folder before the name of the chart, with a slash at its end; empty: there is none
 */
export function formatListed(
  { place, hasQuery }: ListedRepository,
  folder: string,
  demands: Demands,
): string {
  const base = place.endsWith('/') ? place : `${place}/`;
  const up = folder.split('/').slice(1).fill('..').join('/') || '.';
  const mark = hasQuery ? `?${QUERY_OF}${up}` : '';
  return `${GATE_PREFIX}${base}${folder}${listedFileName(demands)}${mark}#${formatDemands(demands)}`;
}

/** Whether a URL in an index says that its repository has a query. */
export function saysQuery(url: string): boolean {
  return url.includes(`?${QUERY_OF}`);
}

/** The URL of a repository without what may be secret: credentials and query. */
export function publicUrl(repository: URL): string {
  const url = new URL(repository);
  url.username = url.password = url.search = url.hash = '';
  return url.href;
}

/** The name that the archive has to have, which Helm saves it under. */
export function listedFileName({ name, version }: Pick<Demands, 'name' | 'version'>): string {
  return `${name}-${version}.tgz`;
}

/**
 * Reads such a URL, divided: `scheme://place#fragment` behind our scheme.
 * @throws MalformedError on what {@link formatListed} does not write
 */
export function parseListed(scheme: string, place: string, fragment: string, href: string): ListedAddress {
  const isProvenance = fragment.endsWith(PROVENANCE_ENDING);
  const demands = parseDemands(isProvenance ? fragment.slice(0, -PROVENANCE_ENDING.length) : fragment);
  const [whole, path = '', up] = MARKED.exec(place) ?? [];
  if (whole === undefined)
    throw new MalformedError(`expected no query but that of an index of the gate in ${shownHref(href)}`);
  const slash = path.lastIndexOf('/');
  const fileName = path.slice(slash + 1);
  // Go may have escaped what a version can have, such as a plus sign.
  if (slash < 0 || decodePercent(fileName) !== listedFileName(demands))
    throw new MalformedError(
      `expected the file ${excerpt(listedFileName(demands))} that its fragment names, found ${shownHref(href)}`,
    );
  const base = `${scheme}://${path.slice(0, slash)}`;
  const file = isProvenance ? 'provenance' : 'archive';
  const found = scheme === 'oci' ? inRegistry(base, up, demands, href) : inFolders(base, up, demands, href);
  return { kind: 'listed', file, ...found, demands };
}

/** In the query of such a URL: where, from the archive, the repository is that has a query. */
const QUERY_OF = 'query-of=';
const MARKED = /^([^?]*)(?:\?query-of=(\.|\.\.(?:\/\.\.){0,9}))?$/s;

type Found = Pick<ListedAddress, 'repository' | 'chart' | 'hasQuery'>;

/** A repository of a registry is one chart, of its name, and has nothing from elsewhere. */
function inRegistry(
  base: string,
  up: string | undefined,
  { name, version, url }: Demands,
  href: string,
): Found {
  const reference = parseRegistryReference(base);
  const place = `${reference.host}/${untagged(reference, href)}`;
  if (up === undefined && place.endsWith(`/${name}`) && url === `oci://${place}:${tagOf(version)}`)
    return { repository: `oci://${place}`, chart: undefined, hasQuery: false };
  throw new MalformedError(
    `expected a fragment about that repository, found another one: ${shownHref(href)}`,
  );
}

function inFolders(base: string, up: string | undefined, { name, url }: Demands, href: string): Found {
  const repository = httpUrl(base, href);
  if (/^oci:\/\//.test(url)) parseRegistryReference(url);
  else if (!URL.canParse(url))
    throw new MalformedError(`expected a URL in the fragment of ${shownHref(href)}`);
  else requireFetchable(new URL(url), repository.protocol === 'https:' ? 'https:' : 'http:');
  if (up === undefined || up === '.')
    return { repository: publicUrl(repository), chart: name, hasQuery: up !== undefined };
  const parts = repository.pathname.split('/');
  const folders = parts.splice(-up.split('/').length);
  if (parts.length === 0)
    throw new MalformedError(`expected a repository above the folder, found none: ${shownHref(href)}`);
  repository.pathname = parts.join('/');
  return { repository: publicUrl(repository), chart: [...folders, name].join('/'), hasQuery: true };
}
