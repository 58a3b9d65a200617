import { SigstoreError } from '../errors.ts';
import type { HttpAnswer } from '../http/request.ts';
import { badRegistryAnswer } from './refusal.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** The most pages of one list. */
const MAX_PAGES = 50;

/**
 * The answers to a request for a list that comes in pages: distribution specification 1.1, "Listing Tags". Only the first may
 * have another status than 200.
 * @throws SigstoreError `UNCHECKED` if the next page is not of the registry itself, or there are too many
 */
export async function* pagesOf(
  repository: RemoteRepository,
  first: URL,
  { accept, maxBytes }: { readonly accept: string; readonly maxBytes: number },
): AsyncGenerator<HttpAnswer, void, void> {
  let url: URL | undefined = first;
  for (let count = 0; url !== undefined; count++) {
    if (count === MAX_PAGES)
      throw new SigstoreError('UNCHECKED', `${repository.label} has a list of more than ${MAX_PAGES} pages`);
    const answer = await repository.ask({ method: 'GET', url, headers: { accept }, maxBytes });
    if (answer.status !== 200 && count > 0) throw repository.refusal(answer, 'next page');
    yield answer;
    url = nextPage(answer, repository);
  }
}

function nextPage({ status, headers, url }: HttpAnswer, repository: RemoteRepository): URL | undefined {
  const link = status === 200 ? headers['link'] : undefined;
  const target = link === undefined ? undefined : targetOf(link);
  if (target === undefined) return undefined;
  if (!URL.canParse(target, url.href)) throw badRegistryAnswer(url, 'the link to its next page is no URL');
  const next = new URL(target, url);
  if (!repository.isOwn(next) || !repository.isOwn(url))
    throw badRegistryAnswer(url, `its next page would be at ${next.origin}, which is another server`);
  return next;
}

/** The target of a link with the relation `next` (RFC 8288 3). */
function targetOf(link: string): string | undefined {
  if (link.length > LINK_LIMIT) return undefined;
  for (let start = link.indexOf('<'); start >= 0;) {
    const end = link.indexOf('>', start);
    if (end < 0) return undefined;
    const next = link.indexOf('<', end);
    const parameters = link.slice(end + 1, next < 0 ? undefined : next);
    if (/;[ \t]*rel=(?:"next"|next)(?:[ \t;,]|$)/i.test(parameters)) return link.slice(start + 1, end);
    start = next;
  }
  return undefined;
}

const LINK_LIMIT = 8 << 10;
