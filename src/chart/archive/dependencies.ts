import { decodeUtf8, excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { scalarAsGo, Unquoted } from '../yaml/go-scalar.ts';
import { CHART_YAML_LIMIT } from './limits.ts';
import { isMapping, membersOf } from '../yaml/mapping.ts';
import { isBlank, sanitize } from './metadata.ts';
import { requireOneReading } from '../yaml/one-reading.ts';
import { parseYamlAsGo } from '../yaml/yaml.ts';

/** A chart that another one needs, as Chart.yaml or Chart.lock has it. */
export interface Dependency {
  readonly name: string;
  /** In Chart.yaml a range; in Chart.lock one version. */
  readonly version: string;
  /** A URL, `@NAME`, `alias:NAME`, `file://PATH`; empty: the chart is in `charts/`. */
  readonly repository: string;
  /** What else is there; no verdict depends on it, but the digest of a lock does. */
  readonly rest: {
    readonly condition: string;
    readonly tags: readonly string[];
    readonly enabled: boolean;
    readonly importValues: readonly unknown[];
    readonly alias: string;
  };
}

/** What a chart says that it needs. */
export interface DeclaredDependencies {
  /** As Helm has it: `v1` where none is named. */
  readonly apiVersion: string;
  /** Undefined: there is no list. */
  readonly dependencies: readonly Dependency[] | undefined;
}

/**
 * What a chart says that it needs, in its Chart.yaml or, for charts of old, in its requirements.yaml.
 * @param files as Helm reads them, one over the other
 * @throws MalformedError if one is no YAML, or could be read in two ways
 */
export function readDeclaredDependencies(files: readonly Uint8Array[]): DeclaredDependencies {
  const documents = files.map(documentIn);
  for (const document of documents) requireOneReading(Object.keys(document), ['dependencies', 'apiVersion']);
  const lists = documents.map(({ dependencies }) => dependencies).filter(isGiven);
  // Go would read one list into the other, element by element.
  if (lists.length > 1)
    throw new MalformedError('expected one list of dependencies, found one in each of several files');
  const apiVersions = documents.map(({ apiVersion }) => textIn(apiVersion)).filter((text) => text !== '');
  return {
    apiVersion: apiVersions.at(-1) ?? 'v1',
    dependencies: lists.length === 0 ? undefined : listOf(lists[0]).map(sanitized),
  };
}

/** The mapping in a file; without members where it is empty. @throws MalformedError if it is something else */
export function documentIn(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (bytes.length > CHART_YAML_LIMIT)
    throw new MalformedError(`expected at most ${CHART_YAML_LIMIT} bytes, found ${bytes.length}`);
  const text = decodeUtf8(bytes);
  const document = isBlank(text) ? null : parseYamlAsGo(text);
  if (document !== null && !isMapping(document))
    throw new MalformedError('expected an object, found another document');
  return membersOf(document);
}

/** A list of dependencies. @throws MalformedError if it is none, or could be read in two ways */
export function listOf(value: unknown): readonly Dependency[] {
  if (!Array.isArray(value)) throw new MalformedError('dependencies: expected a list, found something else');
  if (value.length > MAX_DEPENDENCIES)
    throw new MalformedError(`expected at most ${MAX_DEPENDENCIES} dependencies, found more`);
  return value.map(dependencyIn);
}

/** Whether something stands there, for Go: an empty value is null. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** More than any chart has. */
const MAX_DEPENDENCIES = 1000;

const MEMBERS = [
  'name',
  'version',
  'repository',
  'condition',
  'tags',
  'enabled',
  'import-values',
  'alias',
] as const;

function dependencyIn(value: unknown): Dependency {
  if (!isMapping(value)) throw new MalformedError('expected a dependency, found something else');
  const members = membersOf(value);
  requireOneReading(Object.keys(members), MEMBERS);
  const { name, version, repository, condition, tags, enabled, alias } = members;
  return {
    name: textIn(name),
    version: textIn(version),
    repository: textIn(repository),
    rest: {
      condition: textIn(condition),
      tags: itemsIn(tags).map(textIn),
      enabled: flagIn(enabled),
      importValues: itemsIn(members['import-values']),
      alias: textIn(alias),
    },
  };
}

/** As Helm has it after it has looked at a chart; it does not look at a lock in this way. */
function sanitized({ name, version, repository, rest }: Dependency): Dependency {
  return {
    name: sanitize(name),
    version: sanitize(version),
    repository: sanitize(repository),
    rest: { ...rest, condition: sanitize(rest.condition), tags: rest.tags.map(sanitize) },
  };
}

/** In characters. */
const LONGEST_TEXT = 4096;

/**
 * Text, where Go expects some: it takes numbers and truth values, too.
 * @throws MalformedError if it is a list or a mapping, or no line of text
 */
export function textIn(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = value instanceof Unquoted ? (scalarAsGo(value.source) ?? '') : value;
  if (typeof text !== 'string') throw new MalformedError('expected text, found a list or a mapping');
  if (text.length > LONGEST_TEXT)
    throw new MalformedError(`expected at most ${LONGEST_TEXT} characters, found ${excerpt(text)}`);
  // Within quotes Helm leaves out the blanks around a line end, and takes these characters for line ends.
  if (/[\u0085\u2028\u2029]/.test(text))
    throw new MalformedError(`expected one line, found ${excerpt(text)}`);
  return text;
}

function itemsIn(value: unknown): readonly unknown[] {
  if (!isGiven(value)) return [];
  if (!Array.isArray(value)) throw new MalformedError('expected a list, found something else');
  return value;
}

function flagIn(value: unknown): boolean {
  if (!isGiven(value)) return false;
  if (!(value instanceof Unquoted) || value.kind !== 'truth value')
    throw new MalformedError('enabled: expected true or false, found something else');
  return scalarAsGo(value.source) === 'true';
}
