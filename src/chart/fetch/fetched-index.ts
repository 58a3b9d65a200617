import { NotFoundError } from '../../errors.ts';
import { describeUrl } from '../../http/request.ts';
import { fetchBytes, refusalOf, type Fetching } from './fetching.ts';
import type { RepositoryIndex } from '../index/index-match.ts';

/** The most bytes of the index of a repository. */
const INDEX_LIMIT = 16 << 20;

/**
 * The index of the repository at a URL, as it is now.
 * @throws NotFoundError if there is none
 * @throws SigstoreError `UNCHECKED` if the server does not give it
 */
export async function fetchIndex(fetching: Fetching, repository: URL): Promise<RepositoryIndex> {
  const url = new URL(repository);
  url.pathname += url.pathname.endsWith('/') ? 'index.yaml' : '/index.yaml';
  const found = await fetchBytes(fetching, url, await fetching.accessTo(url), INDEX_LIMIT);
  const place = describeUrl(url);
  if ('bytes' in found) return { place, chunks: once(found.bytes) };
  const { status } = found.missing;
  throw status === 404
    ? new NotFoundError(`there is no repository at ${describeUrl(repository)}: ${place} is 404`)
    : refusalOf(url, found.missing);
}

// eslint-disable-next-line @typescript-eslint/require-await -- an iterable of what is there already
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
