import { MalformedError } from '../../errors.ts';
import { GATE_SCHEMES } from '../../gate-schemes.ts';
import { parseRegistryReference, type RegistryReference } from '../../registry/reference.ts';
import { httpUrl, PROVENANCE_ENDING, requirePlainPlace, shownHref, untagged } from './handed-url.ts';
import { parseListed, type ListedAddress, type WantedFile } from './listed-address.ts';

/** What Helm asks the downloader for, read from the URL that it hands over. */
export type GateAddress = IndexAddress | TagsAddress | ListedAddress | UrlAddress | OciAddress;

/** The index of a repository. */
interface IndexAddress {
  readonly kind: 'index';
  /** With its query, and as Helm hands it over with credentials in it, if it has them there. */
  readonly repository: URL;
}

/** The index of a repository of a registry, which is one chart. */
interface TagsAddress {
  readonly kind: 'tags';
  readonly repository: RegistryReference;
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

/**
 * Reads the URL that Helm hands over. Everything but indexes, archives and provenance is refused: values come by the same way.
 * @throws MalformedError on anything else, and on what could be read in two ways
 */
export function parseGateAddress(href: string): GateAddress {
  const [, scheme = '', rest = ''] = /^sigstore\+(https|http|oci):\/\/(.*)$/s.exec(href) ?? [];
  if (scheme === '')
    throw new MalformedError(`expected a URL that begins with one of ${SCHEMES}, found ${shownHref(href)}`);
  const hash = rest.indexOf('#');
  const place = hash < 0 ? rest : rest.slice(0, hash);
  const fragment = hash < 0 ? undefined : rest.slice(hash + 1);
  requirePlainPlace(place, href);
  if (fragment !== undefined) return parseListed(scheme, place, fragment, href);
  return scheme === 'oci'
    ? inRegistry(`oci://${place}`, href)
    : atUrl(httpUrl(`${scheme}://${place}`, href), href);
}

const SCHEMES = GATE_SCHEMES.map((scheme) => `${scheme}://`).join(', ');

function inRegistry(text: string, href: string): TagsAddress | OciAddress {
  if (text.endsWith(INDEX)) {
    const repository = parseRegistryReference(text.slice(0, -INDEX.length));
    untagged(repository, href);
    return { kind: 'tags', repository };
  }
  const isProvenance = text.endsWith(PROVENANCE_ENDING);
  const reference = parseRegistryReference(isProvenance ? text.slice(0, -PROVENANCE_ENDING.length) : text);
  if (reference.tag === undefined && reference.digest === undefined)
    throw new MalformedError(
      `expected a tag or a digest in ${shownHref(href)}, as Helm does not tell the version that is wanted`,
    );
  return { kind: 'oci', file: isProvenance ? 'provenance' : 'archive', reference };
}

function atUrl(url: URL, href: string): IndexAddress | UrlAddress {
  if (url.pathname.endsWith(INDEX)) {
    url.pathname = url.pathname.slice(0, -INDEX.length) || '/';
    return { kind: 'index', repository: url };
  }
  const withoutEnding = (text: string) => text.slice(0, -PROVENANCE_ENDING.length);
  if (url.pathname.endsWith('.tgz') && url.search.endsWith(PROVENANCE_ENDING)) {
    url.search = withoutEnding(url.search);
    return { kind: 'url', file: 'provenance', url };
  }
  if (url.pathname.endsWith(`.tgz${PROVENANCE_ENDING}`)) {
    url.pathname = withoutEnding(url.pathname);
    return { kind: 'url', file: 'provenance', url };
  }
  if (url.pathname.endsWith('.tgz')) return { kind: 'url', file: 'archive', url };
  throw new MalformedError(
    `expected the index of a repository, a packed chart or its provenance, found ${shownHref(href)}`,
  );
}

const INDEX = '/index.yaml';
