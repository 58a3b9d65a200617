/** What can be written: text, a truth value, lists and mappings of them. */
export type Writable = string | boolean | readonly Writable[] | { readonly [name: string]: Writable };

/**
 * YAML of a mapping, as `helm repo index` lays it out, with names in the order of their characters. Every text is in
 * double quotes, so that no reader of any version of YAML takes it for something else.
 */
export function yamlOf(mapping: Readonly<Record<string, Writable>>): string {
  return `${linesOfMapping(mapping).join('\n')}\n`;
}

function linesOfMapping(mapping: Readonly<Record<string, Writable>>): string[] {
  return Object.keys(mapping)
    .sort()
    .flatMap((name) => linesOf(nameOf(name), mapping[name] ?? ''));
}

/** The lines of a value with what stands in front of it. */
function linesOf(name: string, value: Writable): string[] {
  if (typeof value === 'boolean') return [`${name}: ${value}`];
  if (typeof value === 'string') return [`${name}: ${quoted(value)}`];
  if (isList(value))
    return value.length === 0 ? [`${name}: []`] : [`${name}:`, ...value.flatMap(linesOfItem)];
  const lines = linesOfMapping(value);
  return lines.length === 0 ? [`${name}: {}`] : [`${name}:`, ...lines.map((line) => `  ${line}`)];
}

/** The lines of an item of a list. An index has no lists in lists. */
function linesOfItem(item: Writable): string[] {
  if (typeof item === 'boolean') return [`- ${item}`];
  if (typeof item === 'string') return [`- ${quoted(item)}`];
  const lines = isList(item) ? item.flatMap(linesOfItem) : linesOfMapping(item);
  if (lines.length === 0) return [isList(item) ? '- []' : '- {}'];
  return lines.map((line, number) => `${number === 0 ? '- ' : '  '}${line}`);
}

function isList(value: Writable): value is readonly Writable[] {
  return Array.isArray(value);
}

/** Only what no reader takes for anything but text stands without quotes. */
function nameOf(name: string): string {
  const isPlain = /^[a-z][a-zA-Z-]*$/.test(name) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(name);
  return isPlain ? name : quoted(name);
}

/**
 * Text in the double quotes of JSON, which YAML reads too; but it wants more characters escaped, and takes no half of
 * a surrogate pair.
 */
function quoted(text: string): string {
  return JSON.stringify(Buffer.from(text).toString()).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
