import { excerpt } from '../../encoding.ts';
import { InputError, MalformedError, RejectedError, SigstoreError, messageOf } from '../../errors.ts';
import { IndexParser } from './index-parser.ts';
import type { IndexedVersion } from './indexed-charts.ts';
import { isVersionInRange } from '../versions/version-constraint.ts';

/** The index of a repository, as it was read. */
export interface RepositoryIndex {
  /** Where it is, for messages. */
  readonly place: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * What an index says of the archive that Helm brought: the version of the chart whose URL ends in that file name. Of several, in
 * different folders, the one counts that the user wants.
 * @param chart its name in the index
 * @param wanted a version, or a range of versions; undefined: the user leaves that to the repository
 * @throws SigstoreError `UNCHECKED` if the index says nothing of it, or cannot be read
 * @throws RejectedError if it gives the archive several versions or digests: it sells one chart as another
 */
export async function indexedAs(
  { place, chunks }: RepositoryIndex,
  chart: string,
  fileName: string,
  wanted: string | undefined,
): Promise<IndexedVersion> {
  const name = chart.slice(chart.lastIndexOf('/') + 1);
  const found: IndexedVersion[] = [];
  const parser = new IndexParser(place, '', (version) => {
    if (version.fileName === fileName && version.names.includes(name)) found.push(version);
  });
  try {
    for await (const chunk of chunks) parser.add(chunk);
    parser.charts();
  } catch (error) {
    if (!(error instanceof MalformedError || error instanceof InputError)) throw error;
    throw new SigstoreError(
      'UNCHECKED',
      `expected ${place} to be the index of a chart repository: ${messageOf(error)}`,
      'name the chart by the URL of its archive, or by its version in a registry: then no index is read',
    );
  }
  const candidates = ofVersion(found, wanted);
  const [first] = candidates;
  if (first === undefined)
    throw new SigstoreError(
      'UNCHECKED',
      `${place} says nothing of the archive ${excerpt(fileName)}, which helm pull brought for ${excerpt(chart)}`,
      'helm repo update fetches the index again',
    );
  const other = candidates.find(
    ({ version, sha256 }) => version !== first.version || sha256 !== first.sha256,
  );
  if (other !== undefined)
    throw new RejectedError(
      `${place} gives the archive ${excerpt(fileName)} several versions or digests: ${excerpt(first.version)} and ${excerpt(other.version)}`,
      other.version === first.version
        ? 'ask those who run the repository: it sells one chart as another'
        : 'say with --version which of them is meant',
    );
  return first;
}

/** As Helm chooses: what is written as the user writes it, else what fits; all of them, if none does. */
function ofVersion(found: readonly IndexedVersion[], wanted: string | undefined): readonly IndexedVersion[] {
  if (wanted === undefined) return found;
  const same = found.filter(({ version }) => version === wanted);
  const fitting = same.length > 0 ? same : found.filter(({ version }) => isVersionInRange(version, wanted));
  return fitting.length > 0 ? fitting : found;
}

/** Where the archive is that an index names, as Helm resolves it: with the query of the repository's own URL, if relative. */
export function resolveIndexedUrl(repository: URL, url: string): URL | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return URL.canParse(url) ? new URL(url) : undefined;
  const base = new URL(repository);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  if (!URL.canParse(url, base.href)) return undefined;
  const resolved = new URL(url, base);
  resolved.search = repository.search;
  return resolved;
}
