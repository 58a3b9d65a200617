import { MalformedError } from '../errors.ts';
import { parseJson } from '../shape.ts';
import { objectMembers, parseList } from './descriptor.ts';
import { pagesOf } from './pages.ts';
import { parseTag } from './reference.ts';
import { badRegistryAnswer } from './refusal.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** The most tags of one repository. */
const MAX_TAGS = 50_000;
const PAGE_LIMIT = 4 << 20;

/**
 * All tags of a repository, in the order of the registry: distribution specification 1.1, "Listing Tags".
 * @throws NotFoundError if there is no such repository
 * @throws SigstoreError `UNCHECKED` if the registry refuses, or gives something else
 */
export async function listTags(repository: RemoteRepository): Promise<readonly string[]> {
  const tags: string[] = [];
  const accepted = { accept: 'application/json', maxBytes: PAGE_LIMIT };
  for await (const answer of pagesOf(repository, repository.url('tags/list'), accepted)) {
    if (answer.status !== 200) throw repository.refusal(answer, 'tags');
    try {
      tags.push(...parseTagList(answer.body));
      if (tags.length > MAX_TAGS) throw new MalformedError(`expected at most ${MAX_TAGS} tags, found more`);
    } catch (error) {
      if (error instanceof MalformedError) throw badRegistryAnswer(answer.url, error.message);
      throw error;
    }
  }
  return tags;
}

/** The tags of one page. @throws MalformedError */
export function parseTagList(bytes: Uint8Array): readonly string[] {
  const { tags } = objectMembers(parseJson(bytes), 'list', ['tags']);
  // Registries answer so for a repository whose tags are gone.
  if (tags === null || tags === undefined) return [];
  return parseList(tags, 'tags', MAX_TAGS).map((tag, index) => {
    if (typeof tag === 'string') return parseTag(tag);
    throw new MalformedError(`tags.${index}: expected a text`);
  });
}
