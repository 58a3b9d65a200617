/** A JSON schema (2020-12), as far as ours go: the keywords that are not listed here are refused. */
interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly const?: unknown;
  readonly type?: 'object' | 'array' | 'string';
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const KEYWORDS = new Set([
  ...['$ref', 'allOf', 'const', 'type', 'required', 'properties', 'additionalProperties', 'items'],
  ...['minItems', 'maxItems', 'maxLength', 'pattern', '$defs', '$schema', 'title', 'description'],
]);

/** Whether a value is what the schema describes. @throws on a schema that says more than is understood here */
export function conformsTo(root: Schema, value: unknown, schema: Schema = root): boolean {
  const unknown = Object.keys(schema).filter((keyword) => !KEYWORDS.has(keyword));
  if (unknown.length > 0) throw new Error(`keywords that nobody checks: ${unknown.join()}`);
  const conforms = (part: Schema, of: unknown) => conformsTo(root, of, part);
  const { $ref, allOf = [], type, required = [], properties = {}, items } = schema;
  if ($ref !== undefined && !conforms(definition(root, $ref), value)) return false;
  if (!allOf.every((each) => conforms(each, value))) return false;
  if ('const' in schema && value !== schema.const) return false;
  if (type !== undefined && typeOf(value) !== type) return false;
  if (typeof value === 'string')
    return (
      value.length <= (schema.maxLength ?? Infinity) &&
      (schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value))
    );
  if (Array.isArray(value))
    return (
      value.length >= (schema.minItems ?? 0) &&
      value.length <= (schema.maxItems ?? Infinity) &&
      (items === undefined || value.every((each) => conforms(items, each)))
    );
  if (typeof value !== 'object' || value === null) return true;
  const members = Object.entries(value);
  return (
    required.every((name) => Object.hasOwn(value, name)) &&
    members.every(([name, member]) => {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return known === undefined ? schema.additionalProperties !== false : conforms(known, member);
    })
  );
}

function definition({ $defs = {} }: Schema, ref: string): Schema {
  const found = $defs[ref.replace('#/$defs/', '')];
  if (found === undefined) throw new Error(`no definition ${ref}`);
  return found;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}
