import { MalformedError } from '../../errors.ts';
import { isLoopback } from '../../http/base-url.ts';
import { parseRegistryReference } from '../../registry/reference.ts';
import { attachedTo, type RegistryFetching } from './attached-evidence.ts';
import type { Access, Fetching } from './fetching.ts';
import { parseGateAddress } from './gate-address.ts';
import { resolveIndexedUrl } from '../index/index-match.ts';
import type { ListedAddress } from './listed-address.ts';
import { NOTHING_OFFERED, type OfferedFiles } from './offered-files.ts';
import type { OciReference } from './reference.ts';
import { offeredBeside } from './sidecars.ts';

/** Where an archive is that an index names. */
export type ArchivePlace = URL | OciReference;

/**
 * Where the archive is that an index names in these words: Helm asks there for it, or the gate does for Helm.
 * @param repository whose index it is, without our scheme; undefined: it is no server of HTTP
 * @returns undefined if it is nowhere that files could be asked for
 */
export function placeOfIndexed(
  repository: URL | undefined,
  isGated: boolean,
  text: string,
): ArchivePlace | undefined {
  try {
    if (isGated) {
      const listed = listedIn(text);
      return listed && placeOfListed(listed, repository?.search ?? '');
    }
    const url = repository && resolveIndexedUrl(repository, text);
    if (url?.protocol === 'oci:') return { form: 'oci', ...parseRegistryReference(text) };
    return url && /^https?:$/.test(url.protocol) ? url : undefined;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** The file of a chart in an index that a URL of the gate names; undefined: it is another URL. @throws MalformedError */
export function listedIn(text: string): ListedAddress | undefined {
  const address = parseGateAddress(text);
  return address.kind === 'listed' ? address : undefined;
}

/** Where the archive is that an index of the gate names. @param query of the URL of the repository; empty: there is none */
export function placeOfListed(
  { repository, demands: { url } }: Pick<ListedAddress, 'repository' | 'demands'>,
  query: string,
): ArchivePlace {
  if (url.startsWith('oci://')) return { form: 'oci', ...parseRegistryReference(url) };
  const place = new URL(url);
  if (place.origin === new URL(repository).origin && place.search === '') place.search = query;
  return place;
}

/** What is offered with the archive there. @param accessTo what goes to a server of HTTP */
export function offeredAt(
  place: ArchivePlace,
  fetching: Fetching & RegistryFetching,
  accessTo: (url: URL) => Promise<Access>,
): OfferedFiles {
  if (!(place instanceof URL)) return attachedTo(place, fetching);
  return mayBeAsked(place, fetching.plainHttp) ? offeredBeside(fetching, place, accessTo) : NOTHING_OFFERED;
}

/** Whether files beside a chart are looked for at a URL that an index names. */
function mayBeAsked({ protocol, hostname }: URL, plainHttp: boolean): boolean {
  return protocol === 'https:' || (protocol === 'http:' && (plainHttp || isLoopback(hostname)));
}
