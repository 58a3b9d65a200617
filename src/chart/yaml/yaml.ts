import {
  defineMappingTag,
  defineScalarTag,
  FAILSAFE_SCHEMA,
  load,
  mapTag,
  NOT_RESOLVED,
  YAMLException,
} from 'js-yaml';
import { excerpt } from '../../encoding.ts';
import { MalformedError, messageOf } from '../../errors.ts';
import { scalarAsGo, Unquoted, valueAsGo } from './go-scalar.ts';
import { withPlainLineEnds } from './yaml-line-ends.ts';

/**
 * The YAML document in a text, all scalars of which are text: a version 1.10 is not the number 1.1.
 * @param maxNodes how many nodes it may have, roughly
 * @throws MalformedError if it is no YAML, names a member twice, or has more in it than anybody needs
 */
export function parseYaml(text: string, maxNodes = MAX_NODES): unknown {
  return parseWith(text, FAILSAFE_SCHEMA, maxNodes);
}

/**
 * The YAML document in a text, with scalars as Helm puts them into members that are text, see {@link scalarAsGo}.
 * What is in quotes is that text.
 * @throws MalformedError as {@link parseYaml} does
 */
export function parseYamlAsHelm(text: string): unknown {
  return parseWith(text, HELM_SCHEMA, MAX_NODES);
}

/**
 * The YAML document in a text, with scalars as Go has them where it does not know that they are text, see
 * {@link valueAsGo}. What is in quotes is text.
 * @throws MalformedError as {@link parseYaml} does
 */
export function parseYamlAsGo(text: string, maxNodes = MAX_NODES): unknown {
  return parseWith(text, GO_SCHEMA, maxNodes);
}

const HELM_SCHEMA = schemaOf(scalarAsGo);
const GO_SCHEMA = schemaOf(valueAsGo).withTags(
  defineMappingTag(mapTag.tagName, {
    ...mapTag,
    addPair: (mapping, key, value) => mapTag.addPair(mapping, keyOf(key), value),
    has: (mapping, key) => mapTag.has(mapping, keyOf(key)),
  }),
);

/** A name is text, whatever it looks like. */
function keyOf(key: unknown): unknown {
  return key instanceof Unquoted ? key.source : key;
}

/** Takes the place of all tags that scalars without quotes can have. */
function schemaOf(read: (source: string) => unknown): typeof FAILSAFE_SCHEMA {
  return FAILSAFE_SCHEMA.withTags(
    defineScalarTag<unknown>('tag:yaml.org,2002:null', {
      implicit: true,
      resolve: (source, isExplicit) => {
        const value = isExplicit ? source : read(source);
        return value === source ? NOT_RESOLVED : value;
      },
      identify: () => false,
    }),
  );
}

function parseWith(text: string, schema: typeof FAILSAFE_SCHEMA, maxNodes: number): unknown {
  if (separatorsIn(text) > maxNodes)
    throw new MalformedError(`expected YAML of at most ${maxNodes} nodes, found more`);
  try {
    const source = withPlainLineEnds(text, MAX_DEPTH);
    return load(source, { schema, maxAliases: 100, maxDepth: MAX_DEPTH });
  } catch (error) {
    if (error instanceof MalformedError) throw error;
    const reason = error instanceof YAMLException ? error.reason : messageOf(error);
    throw new MalformedError(`expected YAML, found ${excerpt(reason)}`);
  }
}

const MAX_DEPTH = 100;

/** A node costs hundreds of bytes; real charts have some hundred nodes. */
const MAX_NODES = 20_000;

/** Counts what may begin another node, before parsing: ends of lines, commas, dashes, question marks. */
function separatorsIn(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || code === RETURN || code === COMMA) count++;
    else if ((code === DASH || code === QUESTION) && text.charCodeAt(at + 1) === BLANK) count++;
  }
  return count;
}

const [NEWLINE, RETURN, COMMA, DASH, QUESTION, BLANK] = [10, 13, 0x2c, 0x2d, 0x3f, 0x20];
