import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { isGated } from '../gate-schemes.ts';
import { withoutTrailing } from '../trailing.ts';
import { normaliseReference } from './asked-reference.ts';

/** What the user asked for: the words that choose a rule, known before anything is read or downloaded. */
export interface AskedChart {
  /** Of a reference, normalised; undefined: a file. */
  readonly reference?: string;
  /** The charts that it may be by these words: several where a file name can be divided in several ways. */
  readonly named: readonly NamedVersion[];
}

/** A chart by its name, and by its version if the words say that. */
export interface NamedVersion {
  readonly name: string;
  readonly version?: string;
}

/** A file, by its name or the one given with `--as`. */
export function askedFile(fileName: string): AskedChart {
  return { named: divisionsOf(fileName) };
}

/** A chart of the index of a repository that is a file: the index says which chart each file is, and is held to it. */
export function askedIndexed(names: readonly string[], version: string): AskedChart {
  const isUsual = names.every(({ length }) => length <= MOST_CHARACTERS);
  return { named: isUsual ? names.map((name) => ({ name, version })) : [] };
}

/**
 * A chart behind a URL or in a registry.
 * @param name the chart, where the user named it beside a repository
 * @throws MalformedError if the reference could be written in another way, and might then have another rule
 */
export function askedReference(text: string, name?: string): AskedChart {
  const reference = normaliseReference(text);
  if (name !== undefined) return { reference, named: [{ name }] };
  const [path = ''] = reference.replace(/^[a-z0-9+.-]+:\/\/[^/]*\//, '').split('?');
  const last = path.slice(path.lastIndexOf('/') + 1);
  return { reference, named: reference.startsWith('oci://') ? [{ name: last }] : divisionsOf(last) };
}

/**
 * A chart of a repository: `URL/NAME`, with the query of the URL behind it, which may say which repository it is. A repository of
 * a registry behind the gate is one chart, of its own name.
 * @param name perhaps with folders before it, which are folders of the repository
 * @throws MalformedError as {@link askedReference} does
 */
export function askedOfRepository(url: string, name: string): AskedChart {
  // Names of dots would lead to another place, and to its rule.
  const parts = name.split('/');
  if (parts.some((part) => part === '.' || part === '..' || !/^[A-Za-z0-9._-]+$/.test(part)))
    throw new MalformedError('expected the name of a chart');
  const repository = normaliseReference(url);
  if (isGated(url.toLowerCase()) && repository.startsWith('oci://')) {
    if (repository.endsWith(`/${name}`)) return askedReference(repository);
    throw new MalformedError(
      `expected the chart that the repository of a registry is, found ${excerpt(name)}`,
    );
  }
  const [base = ''] = repository.split('?');
  const query = repository.slice(base.length);
  return askedReference(`${withoutTrailing(base, '/')}/${name}${query}`, parts.at(-1));
}

/**
 * How `NAME-VERSION.tgz` can be divided: where the rest is a semantic version, else where Helm would take it for one. A
 * longer name that leaves less than a whole version is left out, as `hello-1.0.0-1.tgz` is hello 1.0.0-1 for everybody.
 */
function divisionsOf(fileName: string): readonly NamedVersion[] {
  const stem = /^(.*)\.tgz$/s.exec(fileName)?.[1];
  if (stem === undefined || stem.length > MOST_CHARACTERS) return [];
  const all: NamedVersion[] = [];
  for (let at = stem.indexOf('-'); at >= 0; at = stem.indexOf('-', at + 1)) {
    const [name, version] = [stem.slice(0, at), stem.slice(at + 1)];
    if (name !== '') all.push({ name, version });
  }
  const strict = all.filter(({ version = '' }) => STRICT.test(version));
  return strict.length > 0 ? strict : all.filter(({ version = '' }) => LENIENT.test(version));
}

/** Longer than any name that a file system takes. */
const MOST_CHARACTERS = 255;

const STRICT = /^[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
const LENIENT = /^v?[0-9]+(?:\.[0-9]+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
