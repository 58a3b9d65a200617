import { excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { isMapping } from '../yaml/mapping.ts';
import {
  elementsIn,
  isArrayIn,
  membersIn,
  parsePart,
  wholeOf,
  type JsonMember,
  type JsonPart,
} from './json-parts.ts';
import type { IndexReader } from './repository-index.ts';

/**
 * Adds an index in JSON, version by version, because the whole tree of values would take five times its size in memory.
 * @throws MalformedError if it is no JSON, could be read in two ways, or has more in one place than anybody needs
 */
export function addJson(reader: IndexReader, bytes: Uint8Array): void {
  const rest: [string, unknown][] = [];
  for (const member of requireOnce(membersIn(bytes, wholeOf(bytes)))) {
    if (member.name !== 'entries') rest.push([member.name, parsePart(bytes, member)]);
    else for (const chart of membersIn(bytes, member)) addJsonChart(reader, bytes, chart);
  }
  reader.addRest(Object.fromEntries(rest));
}

function addJsonChart(reader: IndexReader, bytes: Uint8Array, chart: JsonMember): void {
  if (!isArrayIn(bytes, chart)) {
    reader.addEntry(chart.name, parseVersion(bytes, chart));
    return;
  }
  reader.addEntry(chart.name, []);
  for (const version of elementsIn(bytes, chart))
    reader.addEntry(chart.name, [parseVersion(bytes, version)], true);
}

function parseVersion(bytes: Uint8Array, part: JsonPart): unknown {
  const version = parsePart(bytes, part);
  if (isMapping(version)) requireOnce(membersIn(bytes, part));
  return version;
}

/** If a member is there twice, `JSON.parse` takes the last, and Go merges some. */
function requireOnce(members: Iterable<JsonMember>): readonly JsonMember[] {
  const byName = new Map<string, JsonMember>();
  for (const member of members) {
    if (byName.has(member.name))
      throw new MalformedError(`expected each member once, found ${excerpt(member.name)} twice`);
    byName.set(member.name, member);
  }
  return [...byName.values()];
}
