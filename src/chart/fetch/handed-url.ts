import { excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { isLoopback } from '../../http/base-url.ts';
import type { RegistryReference } from '../../registry/reference.ts';

/** The ending of provenance, which Helm appends to the whole URL of an archive. */
export const PROVENANCE_ENDING = '.prov';

/** A URL of what Helm hands over, without our scheme. @throws MalformedError on what is no URL, and on plain http to another machine */
export function httpUrl(text: string, href: string): URL {
  if (!URL.canParse(text)) throw new MalformedError(`expected a URL, found ${shownHref(href)}`);
  const url = new URL(text);
  if (url.hostname.endsWith('.')) throw new MalformedError('expected a host without a dot at its end');
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new MalformedError(`expected sigstore+https:// for another machine, found ${shownHref(href)}`);
  return url;
}

/** The name of a repository of a registry. @throws MalformedError if there is a tag or a digest */
export function untagged({ repository, tag, digest }: RegistryReference, href: string): string {
  if (tag === undefined && digest === undefined) return repository;
  throw new MalformedError(`expected a repository without tag and digest, found ${shownHref(href)}`);
}

/** Refuses what readers of URLs read in different ways: the address chooses the rule. @throws MalformedError */
export function requirePlainPlace(place: string, href: string): void {
  const [path = ''] = place.split('?');
  if (/[\s\p{C}\\]/u.test(place))
    throw new MalformedError(
      `expected no blanks, controls and backslashes, found some in ${shownHref(href)}`,
    );
  if (/%2f|%5c|%2e/i.test(path) || /\/\.{0,2}(?:\/|$)/.test(path.replace(/\/$/, '')))
    throw new MalformedError(`expected a path of plain parts, found ${shownHref(href)}`);
}

/** What Helm hands over, for people: without what may be secret. */
export function shownHref(href: string): string {
  return excerpt(href.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//'));
}
