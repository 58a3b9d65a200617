import { decodeUtf8 } from '../../encoding.ts';
import { InputError, MalformedError } from '../../errors.ts';
import { CHART_YAML_LIMIT } from './limits.ts';
import { parseYamlAsHelm } from '../yaml/yaml.ts';

/** A value as an index has it. */
export type Described = string | boolean | readonly Described[] | { readonly [name: string]: Described };

/**
 * What Chart.yaml says of a chart to people and to Helm, in the members that the index of a repository has.
 * No verdict depends on it. What is not of the form that Helm takes is left out.
 * @param files as Helm reads them, one over the other
 * @param place where they are, for messages
 * @throws InputError if one is no YAML
 */
export function describeChart(
  files: readonly Uint8Array[],
  place: string,
): Readonly<Record<string, Described>> {
  const found: Record<string, Described> = {};
  for (const bytes of files) {
    const document = documentOf(bytes, place);
    for (const [member, read] of Object.entries(MEMBERS)) {
      const value = read(document[member]);
      if (value !== undefined) found[member] = value;
    }
  }
  return found;
}

type Read = (value: unknown) => Described | undefined;

const text: Read = (value) => (typeof value === 'string' && value !== '' ? value : undefined);
const flag: Read = (value) => (value === 'true' ? true : undefined);

/** A list of what can be read; without the rest. */
const listOf =
  (read: Read): Read =>
  (value) => {
    const items = Array.isArray(value) ? value.map(read).filter((item) => item !== undefined) : [];
    return items.length === 0 ? undefined : items;
  };

/** An object with those of these members that can be read. */
const objectOf =
  (members: Readonly<Record<string, Read>>): Read =>
  (value) => {
    const object = mappingOf(value);
    const found = Object.entries(members).flatMap(([name, read]) => {
      const described = read(object[name]);
      return described === undefined ? [] : [[name, described] as const];
    });
    return found.length === 0 ? undefined : Object.fromEntries(found);
  };

/** An object of texts, whatever their names. */
const texts: Read = (value) => {
  const found = Object.entries(mappingOf(value)).filter(([, each]) => typeof each === 'string');
  return found.length === 0 ? undefined : (Object.fromEntries(found) as Record<string, string>);
};

/** Of Helm's chart.Metadata and chart.Dependency. */
const MEMBERS: Readonly<Record<string, Read>> = {
  annotations: texts,
  apiVersion: text,
  appVersion: text,
  condition: text,
  dependencies: listOf(
    objectOf({
      alias: text,
      condition: text,
      enabled: flag,
      'import-values': listOf((value) => text(value) ?? texts(value)),
      name: text,
      repository: text,
      tags: listOf(text),
      version: text,
    }),
  ),
  deprecated: flag,
  description: text,
  home: text,
  icon: text,
  keywords: listOf(text),
  kubeVersion: text,
  maintainers: listOf(objectOf({ email: text, name: text, url: text })),
  sources: listOf(text),
  tags: text,
  type: text,
};

function documentOf(bytes: Uint8Array, place: string): Readonly<Record<string, unknown>> {
  if (bytes.length > CHART_YAML_LIMIT)
    throw new InputError(`${place}: expected at most ${CHART_YAML_LIMIT} bytes, found ${bytes.length}`);
  try {
    const yaml = decodeUtf8(bytes);
    return yaml.trim() === '' ? {} : mappingOf(parseYamlAsHelm(yaml));
  } catch (error) {
    if (error instanceof MalformedError) throw new InputError(`${place}: ${error.message}`);
    throw error;
  }
}

/** The own members of a mapping: a name such as `__proto__` is one like others. */
function mappingOf(value: unknown): Readonly<Record<string, unknown>> {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.assign(Object.create(null) as Record<string, unknown>, isMapping ? value : {});
}
