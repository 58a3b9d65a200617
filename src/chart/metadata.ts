import { FAILSAFE_SCHEMA, load, YAMLException } from 'js-yaml';
import * as z from '../zod.ts';
import { decodeUtf8, encodeUtf8, excerpt } from '../encoding.ts';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import { checkShape } from '../shape.ts';
import { CHART_YAML_LIMIT } from './limits.ts';

/** Which chart an archive or a signed text is about, in the words of its Chart.yaml. */
export interface ChartMetadata {
  readonly name: string;
  readonly version: string;
}

const schema = z.object({
  name: z
    .string('a name')
    .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a name of letters, digits and . _ -')),
  version: z.string('a version').check(z.regex(/^[A-Za-z0-9][A-Za-z0-9.+-]*$/, 'a version such as 1.2.3')),
});

/**
 * The name and version in a Chart.yaml, or in the first part of a provenance, which is one as well. All scalars
 * are text: a version 1.10 is not the number 1.1.
 * @param place where the YAML comes from, for messages
 * @throws InputError if it is no YAML, too long, has no name or version, or could be read in two ways
 */
export function parseChartYaml(yaml: string | Uint8Array, place = 'Chart.yaml'): ChartMetadata {
  try {
    const bytes = typeof yaml === 'string' ? encodeUtf8(yaml) : yaml;
    if (bytes.length > CHART_YAML_LIMIT)
      throw new MalformedError(`expected at most ${CHART_YAML_LIMIT} bytes, found ${bytes.length}`);
    return checkShape(schema, requireOneReading(parseYaml(decodeUtf8(bytes))));
  } catch (error) {
    if (error instanceof MalformedError) throw new InputError(`${place}: ${error.message}`);
    throw error;
  }
}

/** What an archive and its signed text say differently about which chart they are, in words; undefined: nothing. */
export function differenceOf(inArchive: ChartMetadata, signed: ChartMetadata): string | undefined {
  const member = (['name', 'version'] as const).find((each) => inArchive[each] !== signed[each]);
  return member === undefined
    ? undefined
    : `Chart.yaml and the signed text differ in the ${member} of the chart: expected ${inArchive[member]}, found ${signed[member]}`;
}

function parseYaml(text: string): unknown {
  try {
    return load(text, { schema: FAILSAFE_SCHEMA, maxAliases: 100, maxDepth: 100 });
  } catch (error) {
    const reason = error instanceof YAMLException ? error.reason : messageOf(error);
    throw new MalformedError(`expected YAML, found ${excerpt(reason)}`);
  }
}

// Helm's reader takes members by name in any case, and merges others in for "<<"; this one does neither.
function requireOneReading(document: unknown): unknown {
  const seen = new Set(['<<']);
  for (const name of Object.keys(document ?? {})) {
    const folded = name.toLowerCase();
    if (seen.has(folded)) throw new MalformedError(`the member ${excerpt(name)} can be read in two ways`);
    seen.add(folded);
  }
  return document;
}
