import { SigstoreError, type NotFoundError } from '../../errors.ts';
import { EVIDENCE_LIMIT } from '../../evidence/evidence.ts';
import { BUNDLE_ENDINGS, BUNDLE_LIMIT, PROVENANCE_BUNDLE_ENDING } from '../../evidence/sigstore-bundle.ts';
import { describeUrl } from '../../http/request.ts';
import type { NamedBytes } from '../chart-files.ts';
import { NoProvenanceOfferedError } from '../no-provenance.ts';
import type { OfferedFiles } from './offered-files.ts';
import { FETCHED_PROVENANCE_LIMIT } from './fetched-chart.ts';
import { fetchBytes, refusalOf, type Access, type FetchedBytes, type Fetching } from './fetching.ts';

/**
 * Where the file is that lies beside a chart, in the order in which it is looked for: first where Helm looks, with the
 * ending at the very end of the URL; then, if the URL has a query, with the ending at the end of its path.
 */
function sidecarUrls(url: URL, ending: string): URL[] {
  const helms = new URL(url.href + ending);
  if (url.search === '') return [helms];
  const other = new URL(url);
  other.pathname += ending;
  return [helms, other];
}

/**
 * The provenance beside the chart at a URL.
 * @throws NotFoundError if there is none
 * @throws SigstoreError `UNCHECKED` if the server does not give it
 */
export async function fetchProvenance(fetching: Fetching, url: URL, access: Access): Promise<Uint8Array> {
  const statuses: string[] = [];
  const places = sidecarUrls(url, '.prov');
  for (const place of places) {
    const found = await fetchBytes(fetching, place, access, FETCHED_PROVENANCE_LIMIT, isArchive);
    if ('bytes' in found && !isArchive(found.bytes)) return found.bytes;
    if ('bytes' in found) {
      statuses.push(`${describeUrl(place)} is an archive`);
      continue;
    }
    const { status } = found.missing;
    const isLast = place === places.at(-1);
    if (!isMissing(status) && (isLast || !isAboutQuery(status))) throw refusalOf(place, found.missing);
    statuses.push(`${describeUrl(place)} is ${status}`);
  }
  throw noProvenance(`the server has ${describeUrl(url)}`, [...new Set(statuses)].join(', '));
}

/** The error for a chart without provenance. @param where the chart is, as a sentence @param why what was found instead */
export function noProvenance(where: string, why: string): NotFoundError {
  return new NoProvenanceOfferedError(`${where}, but no provenance beside it: ${why}`, {
    consumer: 'ask its publisher to sign the chart, or name another place that has the provenance',
    publisher: 'sign the chart with helm sigstore sign, and put the .prov beside the archive',
  });
}

/** What a server offers beside the chart at a URL. @param accessTo what goes to the server, asked when it is */
export function offeredBeside(
  fetching: Fetching,
  url: URL,
  accessTo: (url: URL) => Promise<Access>,
): OfferedFiles {
  const offer = async (endings: readonly string[], limit: number) => {
    const access = await accessTo(url);
    const found: NamedBytes[] = [];
    for (const ending of endings) found.push(...(await fetchOffered(fetching, url, ending, access, limit)));
    return found;
  };
  return {
    evidence: () => offer(['.rekor.json'], EVIDENCE_LIMIT),
    provenanceBundles: () => offer([PROVENANCE_BUNDLE_ENDING], EVIDENCE_LIMIT),
    bundles: () => offer(BUNDLE_ENDINGS, BUNDLE_LIMIT),
  };
}

async function fetchOffered(
  fetching: Fetching,
  url: URL,
  ending: string,
  access: Access,
  limit: number,
): Promise<readonly NamedBytes[]> {
  for (const place of sidecarUrls(url, ending)) {
    const found = await offered(fetchBytes(fetching, place, access, limit, isArchive));
    if (found !== undefined && 'bytes' in found && found.bytes.length > 0 && !isArchive(found.bytes))
      return [{ label: describeUrl(place), bytes: found.bytes }];
  }
  return [];
}

async function offered(fetched: Promise<FetchedBytes>): Promise<FetchedBytes | undefined> {
  try {
    return await fetched;
  } catch (error) {
    if (error instanceof SigstoreError && error.code === 'UNCHECKED') return undefined;
    throw error;
  }
}

/** The archive, which a server that does not look at the query gives again when the ending is behind that. */
function isArchive(bytes: Uint8Array): boolean {
  return bytes[0] === GZIP;
}

const GZIP = 0x1f;

/** Stores of objects answer 403 where there is nothing. */
function isMissing(status: number): boolean {
  return status === 403 || status === 404 || status === 410;
}

/** What a server says of a query that it takes for a damaged token. */
function isAboutQuery(status: number): boolean {
  return status === 400 || status === 401;
}
