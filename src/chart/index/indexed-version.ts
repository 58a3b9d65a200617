import { parseSha256, type Sha256 } from '../../digest.ts';
import { decodePercent, excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { Unquoted } from '../yaml/go-scalar.ts';
import { signedNameOf, type IndexedVersion } from './indexed-charts.ts';
import { membersOf } from '../yaml/mapping.ts';
import { requireOneReading } from '../yaml/one-reading.ts';

/** The members of a version that are read. */
const MEMBERS = ['name', 'version', 'urls', 'digest'];

/**
 * A version of a chart, as an index describes it. The archive is looked for under the last part of its first URL, or
 * under NAME-VERSION.tgz where that names a registry, as `helm pull` saves it.
 * @param key the name of the list that it is in
 * @param entry what was parsed of it: numbers and truth values are no text, as for Helm
 * @throws MalformedError if it names no archive, could be read in two ways, or Helm would not read it
 */
export function readVersion(key: string, entry: unknown): IndexedVersion {
  const members = membersOf(entry);
  requireOneReading(Object.keys(members), MEMBERS);
  const { name = key, version, urls, digest = '' } = members;
  const url: unknown = Array.isArray(urls) ? urls[0] : undefined;
  const names = [...new Set([lastPart(key), lastPart(textIn(name, 'a name'))])];
  const text = textIn(version, 'a version');
  if (text === '') throw new MalformedError('expected a version, found none');
  if (typeof url !== 'string') throw new MalformedError('expected a list of URLs, found none');
  // A digest of sixty-four decimal digits is a number for Helm, which accepts it all the same.
  const hex = digest instanceof Unquoted ? digest.source : textIn(digest, 'a digest');
  const isRegistry = /^oci:\/\//i.test(url);
  return {
    names,
    version: text,
    url,
    fileName: requirePlain(isRegistry ? signedNameOf(names, text) : fileNameOf(url), url),
    ...(hex !== '' && { sha256: parseDigest(hex) }),
    ...(isRegistry && { registry: url }),
  };
}

/** Helm refuses an index in which a number stands where text belongs: of 1.10 it would see 1.1. */
function textIn(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) throw new MalformedError(`expected ${what}, found none`);
  if (typeof value === 'object' && !(value instanceof Unquoted))
    throw new MalformedError(`expected ${what}, found a list or a mapping`);
  const [kind, found] =
    value instanceof Unquoted ? [value.kind, value.source] : [typeof value, JSON.stringify(value)];
  throw new MalformedError(`expected ${what} in quotes, found the ${kind} ${excerpt(found)}`);
}

/** Some servers put charts into folders, and `team/hello` is the chart hello. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** A digest in any of the spellings that are met. */
function parseDigest(digest: string): Sha256 {
  const hex = digest.replace(/^sha256:/i, '').toLowerCase();
  // A digest that is malformed is shown as it is written.
  return parseSha256(/^[0-9a-f]{64}$/.test(hex) ? hex : digest);
}

/** The last part of a URL, absolute or relative. */
function fileNameOf(url: string): string {
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  const name = decodePercent(lastPart(path));
  if (name === undefined) throw new MalformedError(`expected a URL, found ${excerpt(url)}`);
  return name;
}

/** Refuses a file name with characters that separate parts of a path, or that cannot be seen. */
function requirePlain(name: string, url: string): string {
  if (!/^[^/\\:\p{C}]+\.tgz$/u.test(name) || name.startsWith('.'))
    throw new MalformedError(`expected a URL that ends in the name of an archive, found ${excerpt(url)}`);
  return name;
}
