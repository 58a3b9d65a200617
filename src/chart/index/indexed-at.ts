import type { Sha256 } from '../../digest.ts';
import { InputError, MalformedError } from '../../errors.ts';
import { IndexParser } from './index-parser.ts';

/** A version that the index of a repository names. */
interface IndexedArchive {
  /** `NAME-VERSION.tgz`. */
  readonly name: string;
  /** Undefined: the index does not say it. */
  readonly sha256: Sha256 | undefined;
  /** Where it is; of one in a registry the place of the index. */
  readonly url: URL;
}

/**
 * The versions that the index of the repository at a URL names, as far as they make sense.
 * @param place where the index is, for messages
 * @param chart the name of the one chart whose versions count; undefined: those of all do
 * @throws InputError if it is none, or names more than any index does; one that names nothing is none here
 */
export function indexedAt(
  bytes: Uint8Array,
  place: string,
  repository: URL,
  chart?: string,
): readonly IndexedArchive[] {
  const found: IndexedArchive[] = [];
  const parser = new IndexParser(place, '', ({ names, fileName, sha256, url }) => {
    if (chart !== undefined && !names.includes(chart)) return;
    const where = URL.canParse(url, repository.href) ? new URL(url, repository) : repository;
    found.push({ name: fileName, sha256, url: /^https?:$/.test(where.protocol) ? where : repository });
  });
  try {
    parser.add(bytes);
    parser.charts();
    return found;
  } catch (error) {
    if (error instanceof MalformedError)
      throw new InputError(`expected ${place} to be the index of a chart repository: ${error.message}`);
    throw error;
  }
}
