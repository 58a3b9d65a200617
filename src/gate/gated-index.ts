import { IndexParser } from '../chart/index/index-parser.ts';
import type { RepositoryIndex } from '../chart/index/index-match.ts';
import { parseSemanticVersion } from '../chart/versions/semantic-version.ts';
import { excerpt } from '../encoding.ts';
import { InputError, MalformedError, messageOf, SigstoreError } from '../errors.ts';
import { formatReference, type RegistryReference } from '../registry/reference.ts';
import { listedAt, listVersion, type ListedVersion } from './listed-version.ts';

/** An index that we write for Helm. */
export interface GatedIndex {
  /** JSON, which Helm reads as YAML and faster than that. */
  readonly text: string;
  /** What of the original index is not in it, and why; for people. */
  readonly leftOut: readonly string[];
}

/**
 * The index of a repository as Helm is told it: every archive lies under the URL of the repository itself, with our scheme.
 * @param repository its URL, without our scheme
 * @throws SigstoreError `UNCHECKED` if what the server gives is no index
 */
export async function gateIndex({ place, chunks }: RepositoryIndex, repository: URL): Promise<GatedIndex> {
  const index = new IndexText();
  const leftOut: string[] = [];
  const parser = new IndexParser(place, '', (version, { key, members }) => {
    try {
      index.add(key, listVersion(repository, key, version, members));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      leftOut.push(`${excerpt(key)} ${excerpt(version.version)}: ${error.message}`);
    }
  });
  try {
    for await (const chunk of chunks) parser.add(chunk);
    for (const chart of parser.charts()) if ('problem' in chart) leftOut.push(chart.problem.message);
  } catch (error) {
    if (!(error instanceof MalformedError || error instanceof InputError)) throw error;
    throw new SigstoreError(
      'UNCHECKED',
      `expected ${place} to be the index of a chart repository: ${messageOf(error)}`,
    );
  }
  return { text: index.end(), leftOut };
}

/**
 * An index made of the tags of a repository in a registry, which is one chart, of the last part of its name. Tags that are no
 * versions are left out, as Helm does.
 */
export function indexOfTags(reference: RegistryReference, tags: readonly string[]): GatedIndex {
  const { host, repository } = reference;
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  const index = new IndexText();
  for (const tag of tags) {
    const version = tag.replaceAll('_', '+');
    if (!STRICT.test(version) || parseSemanticVersion(version) === undefined) continue;
    const url = formatReference({ host, repository, tag });
    const place = formatReference({ host, repository });
    const listed = listedAt({ place, hasQuery: false }, '', { name, version, url });
    index.add(name, { apiVersion: 'v1', ...listed });
  }
  return { text: index.end(), leftOut: [] };
}

/** SemVer 2.0.0, 2, without a v in front: what Helm takes of the tags of a registry. */
const STRICT =
  /^(?:0|[1-9][0-9]{0,19})\.(?:0|[1-9][0-9]{0,19})\.(?:0|[1-9][0-9]{0,19})(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** Makes the text of an index, of which the largest have tens of thousands of versions: objects would take more memory. */
class IndexText {
  readonly #entries = new Map<string, string[]>();

  add(key: string, version: ListedVersion | object): void {
    const listed = this.#entries.get(key) ?? [];
    this.#entries.set(key, listed);
    listed.push(JSON.stringify(version));
  }

  end(): string {
    const entries = [...this.#entries].map(
      ([key, versions]) => `${JSON.stringify(key)}:[${versions.join(',\n')}]`,
    );
    return `{"apiVersion":"v1","generated":"2000-01-01T00:00:00Z","entries":{${entries.join(',\n')}}}\n`;
  }
}
