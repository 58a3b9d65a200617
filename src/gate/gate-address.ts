import { tagOf } from '../chart/tagged-version.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { isLoopback } from '../http/base-url.ts';
import { parseRegistryReference, type RegistryReference } from '../registry/reference.ts';
import { parseDemands, type Demands } from './demands.ts';
import { requireFetchable } from './true-address.ts';

/** What Helm asks the downloader for, read from the URL that it hands over. */
export type GateAddress = IndexAddress | TagsAddress | ListedAddress | UrlAddress | OciAddress;

/** The index of a repository. */
interface IndexAddress {
  readonly kind: 'index';
  /** With its credentials and its query, if Helm has some there. */
  readonly repository: URL;
}

/** The index of a repository of a registry, which is one chart. */
interface TagsAddress {
  readonly kind: 'tags';
  readonly repository: RegistryReference;
}

/** A file of a chart, which a URL that {@link formatListed} makes names. */
export interface ListedAddress extends WantedFile {
  readonly kind: 'listed';
  /** The URL of the repository, without our scheme: what chooses the rule, with the name of the chart. */
  readonly repository: string;
  readonly demands: Demands;
}

/** A file of a chart by the URL of its archive, as a user types it. */
export interface UrlAddress extends WantedFile {
  readonly kind: 'url';
  /** Of the archive. */
  readonly url: URL;
}

/** A file of a chart in a registry, as a user types it. */
export interface OciAddress extends WantedFile {
  readonly kind: 'oci';
  readonly reference: RegistryReference;
}

interface WantedFile {
  readonly file: 'archive' | 'provenance';
}

/** What stands before the scheme of an address for which Helm asks us. */
export const GATE_PREFIX = 'sigstore+';

/**
 * Reads the URL that Helm hands over. Everything but indexes, archives and provenance is refused: values come by the same way.
 * @throws MalformedError on anything else, and on what could be read in two ways
 */
export function parseGateAddress(href: string): GateAddress {
  const [, scheme = '', rest = ''] = /^sigstore\+(https|http|oci):\/\/(.*)$/s.exec(href) ?? [];
  if (scheme === '')
    throw new MalformedError(`expected a URL that begins with ${SCHEMES}, found ${shown(href)}`);
  const hash = rest.indexOf('#');
  const place = hash < 0 ? rest : rest.slice(0, hash);
  const fragment = hash < 0 ? undefined : rest.slice(hash + 1);
  requirePlain(place, href);
  if (fragment !== undefined) return listedAddress(scheme, place, fragment, href);
  return scheme === 'oci'
    ? inRegistry(`oci://${place}`, href)
    : atUrl(httpUrl(`${scheme}://${place}`, href), href);
}

/** The URL of an archive in an index that we write: it lies under the URL of the repository, with our scheme. */
export function formatListed(repository: string, folder: string, demands: string, fileName: string): string {
  const base = repository.endsWith('/') ? repository : `${repository}/`;
  return `${GATE_PREFIX}${base}${folder}${fileName}#${demands}`;
}

/** The URL that a rule is chosen by, of a repository: without what may be secret. */
export function ruleUrl(repository: URL): string {
  const url = new URL(repository);
  url.username = url.password = url.search = url.hash = '';
  return url.href;
}

/** The name that the archive has to have, which Helm saves it under. */
export function listedFileName({ name, version }: Pick<Demands, 'name' | 'version'>): string {
  return `${name}-${version}.tgz`;
}

const SCHEMES = 'sigstore+https://, sigstore+http:// or sigstore+oci://';
const PROVENANCE = '.prov';

function listedAddress(scheme: string, place: string, fragment: string, href: string): ListedAddress {
  const isProvenance = fragment.endsWith(PROVENANCE);
  const demands = parseDemands(isProvenance ? fragment.slice(0, -PROVENANCE.length) : fragment);
  const end = place.search(/\?|$/);
  const slash = place.lastIndexOf('/', end);
  const fileName = place.slice(slash + 1, end);
  // Go may have escaped what a version can have, such as a plus sign.
  if (slash < 0 || decoded(fileName) !== listedFileName(demands))
    throw new MalformedError(
      `expected the file ${excerpt(listedFileName(demands))} that its fragment names, found ${shown(href)}`,
    );
  const base = `${scheme}://${place.slice(0, slash)}`;
  const repository = scheme === 'oci' ? registryOf(base, demands, href) : repositoryOf(base, demands, href);
  return { kind: 'listed', file: isProvenance ? 'provenance' : 'archive', repository, demands };
}

/** A repository of a registry is one chart, of its name, and has nothing from elsewhere. */
function registryOf(base: string, { name, version, url }: Demands, href: string): string {
  const reference = parseRegistryReference(base);
  const place = `${reference.host}/${nameOf(reference, href)}`;
  if (place.endsWith(`/${name}`) && url === `oci://${place}:${tagOf(version)}`) return `oci://${place}`;
  throw new MalformedError(`expected a fragment about that repository, found another one: ${shown(href)}`);
}

function repositoryOf(base: string, { url }: Demands, href: string): string {
  const repository = httpUrl(base, href);
  if (/^oci:\/\//.test(url)) parseRegistryReference(url);
  else if (!URL.canParse(url)) throw new MalformedError(`expected a URL in the fragment of ${shown(href)}`);
  else requireFetchable(new URL(url), repository.protocol === 'https:' ? 'https:' : 'http:');
  return ruleUrl(repository);
}

function inRegistry(text: string, href: string): TagsAddress | OciAddress {
  if (text.endsWith(INDEX)) {
    const repository = parseRegistryReference(text.slice(0, -INDEX.length));
    nameOf(repository, href);
    return { kind: 'tags', repository };
  }
  const isProvenance = text.endsWith(PROVENANCE);
  const reference = parseRegistryReference(isProvenance ? text.slice(0, -PROVENANCE.length) : text);
  if (reference.tag === undefined && reference.digest === undefined)
    throw new MalformedError(
      `expected a tag or a digest in ${shown(href)}, as Helm does not tell the version that is wanted`,
    );
  return { kind: 'oci', file: isProvenance ? 'provenance' : 'archive', reference };
}

/** The name of a repository. @throws MalformedError if there is a tag or a digest */
function nameOf({ repository, tag, digest }: RegistryReference, href: string): string {
  if (tag === undefined && digest === undefined) return repository;
  throw new MalformedError(`expected a repository without tag and digest, found ${shown(href)}`);
}

function atUrl(url: URL, href: string): IndexAddress | UrlAddress {
  if (url.pathname.endsWith(INDEX)) {
    url.pathname = url.pathname.slice(0, -INDEX.length) || '/';
    return { kind: 'index', repository: url };
  }
  const withoutEnding = (text: string) => text.slice(0, -PROVENANCE.length);
  if (url.pathname.endsWith('.tgz') && url.search.endsWith(PROVENANCE)) {
    url.search = withoutEnding(url.search);
    return { kind: 'url', file: 'provenance', url };
  }
  if (url.pathname.endsWith(`.tgz${PROVENANCE}`)) {
    url.pathname = withoutEnding(url.pathname);
    return { kind: 'url', file: 'provenance', url };
  }
  if (url.pathname.endsWith('.tgz')) return { kind: 'url', file: 'archive', url };
  throw new MalformedError(
    `expected the index of a repository, a packed chart or its provenance, found ${shown(href)}`,
  );
}

const INDEX = '/index.yaml';

/** @throws MalformedError on what is no URL, and on plain http to another machine */
function httpUrl(text: string, href: string): URL {
  if (!URL.canParse(text)) throw new MalformedError(`expected a URL, found ${shown(href)}`);
  const url = new URL(text);
  if (url.hostname.endsWith('.')) throw new MalformedError('expected a host without a dot at its end');
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new MalformedError(`expected sigstore+https:// for another machine, found ${shown(href)}`);
  return url;
}

/** Refuses what readers of URLs read in different ways: the address chooses the rule. */
function requirePlain(place: string, href: string): void {
  const [path = ''] = place.split('?');
  if (/[\s\p{C}\\]/u.test(place))
    throw new MalformedError(`expected no blanks, controls and backslashes, found some in ${shown(href)}`);
  if (/%2f|%5c|%2e/i.test(path) || /\/\.{0,2}(?:\/|$)/.test(path.replace(/\/$/, '')))
    throw new MalformedError(`expected a path of plain parts, found ${shown(href)}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Without what may be secret. */
function shown(href: string): string {
  return excerpt(href.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//'));
}
