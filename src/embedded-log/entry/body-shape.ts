/** The shape of a body in Rekor: its Go type, and the types of its members. */
interface BodyShape {
  readonly type: string;
  /** The type of a member as messages name it; `[]` is a list, `*` may be ignored. */
  readonly members: Readonly<Record<string, string>>;
}

/** The bodies of requests, by the names that the API has for them. */
export const BODY_SHAPES = {
  proposedEntry: {
    type: 'models.targetedProposedEntry',
    members: { apiVersion: 'string', kind: 'string' },
  },
  entry: {
    type: 'struct { Entries json.RawMessage "json:\\"entries\\""; EntryUUIDs []string "json:\\"entryUUIDs\\""; LogIndexes []*int64 "json:\\"logIndexes\\"" }',
    members: { entryUUIDs: '[]string', logIndexes: '[]*int64' },
  },
  query: {
    type: 'models.SearchIndex',
    members: {
      email: 'string',
      hash: 'string',
      operator: 'string',
      publicKey: 'models.SearchIndexPublicKey',
      subject: 'string',
    },
  },
} as const satisfies Record<string, BodyShape>;

/** The first part of a parsed body with the wrong type, in the words of Go's JSON reader. */
export function misfit(value: unknown, { type, members }: BodyShape): string | undefined {
  if (jsonType(value) !== 'object') return unmarshal(jsonType(value), `value of type ${type}`);
  const struct = type.startsWith('struct') ? '' : type.replace('models.', '');
  for (const [name, wanted] of Object.entries(members)) {
    const given = (value as Readonly<Record<string, unknown>>)[name] ?? undefined;
    const item = wanted.replace(/^\[\]\*?/, '');
    const field = `struct field ${struct}.${name} of type`;
    if (given === undefined) continue;
    if (item !== wanted && !Array.isArray(given)) return unmarshal(jsonType(given), `${field} ${wanted}`);
    const items: unknown[] = item === wanted ? [given] : (given as unknown[]);
    const wrong = items.find((each) => !fits(each, item));
    if (wrong === undefined) continue;
    const fraction = typeof wrong === 'number' && item === 'int64' ? ` ${wrong}` : '';
    return unmarshal(jsonType(wrong) + fraction, `${field} ${item}`);
  }
  return undefined;
}

function unmarshal(what: string, into: string): string {
  return `json: cannot unmarshal ${what} into Go ${into}`;
}

function fits(value: unknown, type: string): boolean {
  if (value === null) return true;
  if (type === 'string') return typeof value === 'string';
  if (type === 'int64') return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 63;
  return jsonType(value) === 'object';
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
