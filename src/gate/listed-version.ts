import { Unquoted } from '../chart/yaml/go-scalar.ts';
import type { IndexedVersion } from '../chart/index/indexed-charts.ts';
import { resolveIndexedUrl } from '../chart/index/index-match.ts';
import { tagOf } from '../chart/fetch/tagged-version.ts';
import { MalformedError } from '../errors.ts';
import { formatReference, parseRegistryReference } from '../registry/reference.ts';
import type { Demands } from '../chart/fetch/demands.ts';
import {
  formatListed,
  listedRepository,
  publicUrl,
  type ListedRepository,
} from '../chart/fetch/listed-address.ts';
import { requireFetchable } from '../chart/fetch/true-address.ts';

/** A version of a chart in an index that we write; members as Helm has them. */
export type ListedVersion = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly version: string;
  readonly urls: readonly [string];
};

/**
 * What Helm is told of a version that the index of a repository has: its archive lies under the URL of the repository, with our
 * scheme, so that Helm asks us for it. There is no digest: Helm 4 would take what it has under that, and not ask.
 * @param key the name of the list that the version is in
 * @throws MalformedError on a version that cannot be fetched through the gate; the message says why
 */
export function listVersion(
  repository: URL,
  key: string,
  indexed: IndexedVersion,
  members: Readonly<Record<string, unknown>>,
): ListedVersion {
  const { names, version, sha256 } = indexed;
  const [name = ''] = names;
  if (names.length > 1) throw new MalformedError('its entry has another name than the list that it is in');
  if (!KEY.test(key)) throw new MalformedError('its name cannot be a part of a URL');
  if (!VERSION.test(version)) throw new MalformedError('its version cannot be a part of a URL');
  const folder = key.slice(0, key.length - name.length);
  const demands = { name, version, sha256, url: trueAddress(repository, indexed) };
  return { ...describing(members), ...listedAt(listedRepository(repository), folder, demands) };
}

/** The members of a version that say where it is. */
export function listedAt(
  repository: ListedRepository,
  folder: string,
  demands: Demands,
): Pick<ListedVersion, 'name' | 'version' | 'urls'> {
  const { name, version } = demands;
  return { name, version, urls: [formatListed(repository, folder, demands)] };
}

/** A name, perhaps in folders, whose parts are plain. */
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,249}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,249}){0,9}$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+-]{0,199}$/;

/** Where the archive is that an index names. It is foreign text, of which the original fragment does not count. */
function trueAddress(repository: URL, { url: text, version }: IndexedVersion): string {
  const named = text.trim();
  // Credentials and query of the repository may be secret. They are put in again when the archive is asked for.
  const base = new URL(publicUrl(repository));
  const url = resolveIndexedUrl(base, named);
  if (url === undefined) throw new MalformedError('its URL is none');
  if (url.protocol === 'oci:') return inRegistry(named, version);
  requireFetchable(url, base.protocol === 'https:' ? 'https:' : 'http:');
  if (/^[/\\]{2}/.test(named)) url.search = new URL(named, base).search;
  url.hash = '';
  return url.href;
}

function inRegistry(text: string, version: string): string {
  const [place = ''] = text.split('#');
  const reference = parseRegistryReference(place);
  const isExact = reference.tag !== undefined || reference.digest !== undefined;
  return formatReference(isExact ? reference : { ...reference, tag: tagOf(version) });
}

/** What describes a version to people: foreign text, of which only whole strings are passed on. */
function describing(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = DESCRIBING.flatMap((name) => {
    const value = members[name];
    return typeof value === 'string' && value.length <= MAX_TEXT ? [[name, value] as const] : [];
  });
  const { deprecated } = members;
  const isDeprecated =
    deprecated === true || (deprecated instanceof Unquoted && deprecated.source === 'true');
  return { apiVersion: 'v1', ...Object.fromEntries(kept), ...(isDeprecated && { deprecated: true }) };
}

const DESCRIBING = [
  'apiVersion',
  'appVersion',
  'description',
  'home',
  'icon',
  'kubeVersion',
  'type',
] as const;
const MAX_TEXT = 10_000;
