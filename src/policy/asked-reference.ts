import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { behindTheGate } from '../gate-schemes.ts';

/** Whether a word, or a pattern, is about a reference and not about the name of a chart. */
export function isReferenceText(text: string): boolean {
  return text.includes('://');
}

/**
 * The words of a reference as patterns see them: a URL in its normal form without a fragment, `oci://HOST/REPOSITORY`
 * without tag and digest. Two spellings that lead to one place have one form, or are refused: else a chart would escape
 * its rule by the way in which its address is written.
 * @throws MalformedError saying what is wrong with it
 */
export function normaliseReference(text: string): string {
  if (text.length > MOST_CHARACTERS)
    throw new MalformedError(`expected a reference of at most ${MOST_CHARACTERS} characters, found more`);
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  if (scheme === '') throw new MalformedError(`expected a reference with a scheme, found ${excerpt(text)}`);
  refuseOddCharacters(rest);
  const [authority = ''] = rest.split(/[/?#]/);
  if (authority === '') throw new MalformedError('a reference has a host');
  if (authority.includes('@')) throw new MalformedError('a reference has no user name and no password');
  // A rule is chosen by the address behind our own scheme.
  const lower = behindTheGate(scheme.toLowerCase());
  return lower === 'oci' ? normaliseOci(rest) : normaliseUrl(lower, rest);
}

function refuseOddCharacters(text: string): void {
  if (text.includes('\\')) throw new MalformedError('a reference has no backslashes');
  if (/[\u0000-\u0020\u007f]/.test(text))
    throw new MalformedError('a reference has no blanks and no controls');
  const end = text.search(/[?#]|$/);
  for (const { 0: encoded, index } of text.matchAll(/%[0-9a-f]{2}/gi)) {
    const character = String.fromCharCode(parseInt(encoded.slice(1), 16));
    if (/[A-Za-z0-9._~-]/.test(character) || (index < end && PLAIN.test(character)))
      throw new MalformedError(`a reference has no ${encoded}, which is another way to write ${character}`);
  }
}

/** What a path may have as it is; servers take both spellings for one file, or divide the path at an encoded slash. */
const PLAIN = /[!$&'()*+,;=:@|^[\]/\\]/;
/** What a query may have as it is, and means encoded as well: it is compared as those who sign URLs write it, encoded. */
const PLAIN_IN_QUERY = /[!$()*,/:;?@[\]^|]/g;
/** Servers take no longer ones. Each is compared with every pattern. */
const MOST_CHARACTERS = 8192;

function normaliseUrl(scheme: string, rest: string): string {
  // Of other schemes the URL standard does not normalise the host; of all it drops a default port only if it knows it.
  const isKnown = scheme === 'https' || scheme === 'http';
  const url = parseUrl(`${isKnown ? scheme : 'https'}://${rest}`);
  url.hash = '';
  const { host, pathname, search } = url;
  if (pathname.includes('//')) throw new MalformedError('the path of a reference has no empty parts');
  const query = search.slice(1).replace(PLAIN_IN_QUERY, percentEncoded);
  const path = `${pathname}${query && '?'}${query}`.replace(/%[0-9a-f]{2}/gi, (encoded) =>
    encoded.toUpperCase(),
  );
  return `${scheme}://${host}${path}`;
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function normaliseOci(rest: string): string {
  const [, host = '', path = ''] = /^([^/]*)\/(.*)$/s.exec(rest) ?? [];
  const url = parseUrl(`https://${host}/`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new MalformedError(`expected the host of a registry, found ${excerpt(host)}`);
  const [withTag = ''] = path.split('@');
  const repository = withTag.replace(/:[^:/]*$/, '');
  if (!repository.split('/').every((part) => /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(part)))
    throw new MalformedError(`expected the name of a repository in lower case, found ${excerpt(repository)}`);
  return `oci://${DOCKER_HUB.includes(url.host) ? 'registry-1.docker.io' : url.host}/${repository}`;
}

/** Further names of Docker Hub, which lead to the same charts. */
const DOCKER_HUB: readonly string[] = ['docker.io', 'index.docker.io'];

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new MalformedError(`expected a URL, found ${excerpt(text)}`);
  }
  if (url.hostname.endsWith('.')) throw new MalformedError('the host of a reference has no dot at its end');
  return url;
}
