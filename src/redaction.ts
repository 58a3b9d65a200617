/**
 * The text without the secrets of its URLs: user name and password, and everything behind `?` or `#` or in a
 * parameter of the path (`;name=`), where tokens may be. In doubt, text counts as a password. Takes time
 * linear in the text.
 */
export function withoutCredentials(text: string): string {
  if (!/[:%]|\/\//.test(text)) return text;
  let shown = '';
  let done = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !AROUND_URLS.includes(text.charAt(at))) continue;
    if (mayGoOn(text, done, at)) at = endOfPassword(text, at);
    shown += redactWord(text.slice(done, at)) + text.charAt(at);
    done = at + 1;
  }
  return shown;
}

/** Replaces what is hidden. */
const HIDDEN = '***';

/**
 * Characters that no URL contains, but passwords may. Line breaks are missing here, because URL parsers skip
 * them.
 */
const AROUND_URLS = ' "<>`';

/** Characters that may follow a URL in a sentence. */
const PUNCTUATION = "'),.;:!]}";

/**
 * Whether the word between two places of a text may end inside the user name or password of a URL, because these may hold
 * characters that no URL contains. A word with a host and a port has no password.
 */
function mayGoOn(text: string, from: number, to: number): boolean {
  const word = text.slice(from, to);
  const start = nextAuthority(word, 0);
  if (start === undefined) return false;
  const end = indexOfAny(word, '/\\?#', start);
  const authority = word.slice(start, end);
  if (word.includes('@', start)) return end === word.length && authority.includes('@');
  if (!endsInPort(authority)) return true;
  if (end < word.length) return false;
  return (
    mayBeUser(authority) || bareAuthority(text.slice(to + 1, indexOfAny(text, AROUND_URLS, to + 1))) === 0
  );
}

/** Whether what looks like a host without a domain may be (a part of) a user name, with the first digits of a password. */
function mayBeUser(authority: string): boolean {
  return /^[^.:[\]]+(?::[0-9]*)?$/.test(authority) && !/^localhost(?::|$)/.test(authority);
}

/** The end of the word that holds the last `@` before the next URL; `at` if there is no `@`. */
function endOfPassword(text: string, at: number): number {
  const rest = text.slice(at, at + LONGEST_PASSWORD);
  const next = rest.indexOf('://');
  const last = (next < 0 ? rest : rest.slice(0, next)).lastIndexOf('@');
  return last < 0 ? at : indexOfAny(text, AROUND_URLS, at + last);
}

/** The most characters of a password behind its first character that no URL contains. */
const LONGEST_PASSWORD = 1024;

function redactWord(word: string): string {
  const shown = redactPlain(word);
  if (shown !== word || !word.includes('%')) return shown;
  const decoded = word.replace(ENCODED, decodeURIComponent);
  const plain = redactPlain(decoded);
  return plain === decoded ? word : plain;
}

/** The encoded `:`, `/` and `@`: a whole URL may be encoded as a part of another text. */
const ENCODED = /%(?:3a|2f|40)/gi;

function redactPlain(word: string): string {
  const first = nextAuthority(word, 0) ?? bareAuthority(word);
  if (first === undefined) return word;
  const lastAt = word.lastIndexOf('@');
  let shown = '';
  let done = 0;
  // Another URL may follow, in the path or after a comma.
  for (let start: number | undefined = first; start !== undefined; start = nextAuthority(word, done)) {
    const end = indexOfAny(word, '/\\?#', start);
    const authority = word.slice(start, end);
    shown += word.slice(done, start);
    done = start;
    if (authority.includes('@')) done += authority.lastIndexOf('@');
    // A password may hold a character that ends the authority: then the last `@` is its end.
    else if (!endsInPort(authority)) done = Math.max(end, lastAt);
    if (done > start) shown += HIDDEN;
  }
  return withoutQuery(shown + word.slice(done), first);
}

/** The start of the next authority (RFC 3986 3.2), at or after this index. */
function nextAuthority(word: string, from: number): number | undefined {
  for (let at = from; at < word.length; at++) {
    const slashes = at + 1 < word.length && isSlash(word.charAt(at)) && isSlash(word.charAt(at + 1));
    const isScheme = word.charAt(at) === ':' && at >= 2 && SCHEME_END.test(word.slice(at - 2, at));
    const isBare = slashes && (at === 0 || !NAME_CHARACTER.test(word.charAt(at - 1)));
    if (!isScheme && !isBare) continue;
    let next = at + 1;
    while (isSlash(word.charAt(next))) next++;
    if (isBare || (isScheme && (next > at + 1 || WEB_SCHEME.test(word.slice(Math.max(0, at - 5), at)))))
      return next;
  }
  return undefined;
}

/** The start of `user:password@host` without a scheme, as proxies may be written. */
function bareAuthority(word: string): number | undefined {
  const last = word.lastIndexOf('@');
  if (DIGEST.test(word.slice(last, last + 8))) return undefined;
  let start = 0;
  for (let at = 0; at < last; at++) {
    const character = word.charAt(at);
    if (character === '@') return undefined;
    if (BEFORE_NAME.includes(character)) start = at + 1;
    if (character !== ':') continue;
    const isDrive = at - start === 1 && isSlash(word.charAt(at + 1));
    if (at > start && !isDrive) return start;
    start = at + 1;
  }
  return undefined;
}

/** What may stand before such a name: the end of a path, of a variable's name, or a quote. */
const BEFORE_NAME = '/\\=\'"([{';
/** A container image may be named by its digest, behind an `@`. */
const DIGEST = /^@sha\d{3}:/i;
/** At least two characters: a single letter is a drive of Windows. */
const SCHEME_END = /^[a-z0-9+.-]{2}$/i;
const NAME_CHARACTER = /[\w./\\:~-]/;
/** The schemes whose URLs are also read without slashes. */
const WEB_SCHEME = /(?:https?|ftp|oci)$/i;

/** Whether a port or nothing follows the host. */
function endsInPort(authority: string): boolean {
  const host = authority.startsWith('[') ? authority.indexOf(']') + 1 : 0;
  const colon = authority.indexOf(':', host);
  return colon < 0 || /^[0-9]{0,5}$/.test(withoutPunctuation(authority.slice(colon + 1)));
}

function withoutQuery(word: string, from: number): string {
  const parameter = word.indexOf(';', from);
  const isParameter = parameter >= 0 && word.includes('=', parameter);
  const at = indexOfAny(word, isParameter ? '?#;' : '?#', from);
  const query = withoutPunctuation(word.slice(at + 1));
  if (query === '' || isKeyLookup(query)) return word;
  return word.slice(0, at + 1) + HIDDEN + word.slice(at + 1 + query.length);
}

/** Whether it is the query to an OpenPGP key server, which is not secret: a chart may say that its key is there. */
function isKeyLookup(query: string): boolean {
  return /^op=(?:get|index|vindex)&search=0x[0-9a-f]{8,64}$/i.test(query);
}

function withoutPunctuation(text: string): string {
  let end = text.length;
  while (end > 0 && PUNCTUATION.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function indexOfAny(text: string, characters: string, from: number): number {
  let at = from;
  while (at < text.length && !characters.includes(text.charAt(at))) at++;
  return at;
}

function isSlash(character: string): boolean {
  return character === '/' || character === '\\';
}
