import { decodePercent } from '../encoding.ts';

/** What the page shows; the fragment of its URL says which. Fragments are never sent to a server. */
export type Place =
  | { readonly kind: 'home' }
  | { readonly kind: 'hash'; readonly sha256: string; readonly page: number }
  | { readonly kind: 'email'; readonly email: string; readonly page: number }
  /** Of the key that was given to this page; a link cannot hold it. */
  | { readonly kind: 'key'; readonly page: number }
  /** An entry by its ID: 64 or 80 hexadecimal digits. */
  | { readonly kind: 'entry'; readonly id: string }
  | { readonly kind: 'index'; readonly index: number };

/** The fragment (without `#`) for a place. */
export function fragmentOf(place: Place): string {
  switch (place.kind) {
    case 'home':
      return '';
    case 'hash':
      return `hash=sha256:${place.sha256}${pagePart(place.page)}`;
    case 'email':
      return `email=${encodeURIComponent(place.email)}${pagePart(place.page)}`;
    case 'key':
      return `key${pagePart(place.page)}`;
    case 'entry':
      return `entry=${place.id}`;
    case 'index':
      return `index=${place.index}`;
  }
}

/** The place for a fragment (without `#`), which anybody may have written; undefined if it names none. */
export function placeAt(fragment: string): Place | undefined {
  if (fragment === '') return { kind: 'home' };
  if (fragment.length > LONGEST) return undefined;
  const [first = '', second] = fragment.split('&');
  const page = pageOf(second);
  const equals = first.indexOf('=');
  const name = equals < 0 ? first : first.slice(0, equals);
  const value = decodePercent(equals < 0 ? '' : first.slice(equals + 1));
  if (value === undefined || page === undefined) return undefined;
  switch (name) {
    case 'hash':
      return withPage(digestPlace(value), page);
    case 'email':
      return withPage(emailPlace(value), page);
    case 'key':
      return { kind: 'key', page };
    case 'entry':
      return entryPlace(value);
    case 'index':
      return indexPlace(value);
    default:
      return undefined;
  }
}

/**
 * What somebody typed who looks for something: a digest, an e-mail address, the ID or the address of an entry, an
 * index. Undefined if it is none of these.
 */
export function placeTyped(text: string): Place | undefined {
  const typed = text.trim();
  if (typed.length > LONGEST) return undefined;
  // As `upload` prints it.
  const idAt = typed.lastIndexOf(ENTRIES) + ENTRIES.length;
  const id = typed.includes(ENTRIES) ? typed.slice(idAt) : typed;
  return (
    digestPlace(typed) ??
    entryPlace(id) ??
    indexPlace(typed.startsWith('#') ? typed.slice(1) : typed) ??
    emailPlace(typed)
  );
}

const ENTRIES = '/api/v1/log/entries/';
/** The longest e-mail address has 320 characters, each of which may take nine in a fragment. */
const LONGEST = 3000;

function digestPlace(text: string): Place | undefined {
  const digest = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(text)?.[1]?.toLowerCase();
  return digest === undefined ? undefined : { kind: 'hash', sha256: digest, page: 1 };
}

function entryPlace(text: string): Place | undefined {
  return /^(?:[0-9a-f]{64}|[0-9a-f]{80})$/i.test(text)
    ? { kind: 'entry', id: text.toLowerCase() }
    : undefined;
}

function indexPlace(text: string): Place | undefined {
  return /^[0-9]{1,15}$/.test(text) ? { kind: 'index', index: Number(text) } : undefined;
}

function emailPlace(text: string): Place | undefined {
  const isAddress = text.length <= 320 && /^[^@\s]+@[^@\s]+$/.test(text);
  return isAddress ? { kind: 'email', email: text, page: 1 } : undefined;
}

function withPage(place: Place | undefined, page: number): Place | undefined {
  return place && 'page' in place ? { ...place, page } : place;
}

function pagePart(page: number): string {
  return page > 1 ? `&page=${page}` : '';
}

/** The page in the second part of a fragment; undefined if that is something else. */
function pageOf(part = 'page=1'): number | undefined {
  const digits = /^page=([1-9][0-9]{0,5})$/.exec(part)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
