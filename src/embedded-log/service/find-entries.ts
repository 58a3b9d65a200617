import { encodeHex } from '../../encoding.ts';
import { leafHash } from '../../tlog/merkle.ts';
import { acceptEntry } from '../entry/acceptance.ts';
import { json, JSON_TYPE, type ApiAnswer, type ApiRequest, type Service } from './api-message.ts';
import { LIMITS } from '../limits.ts';
import type { PlacedEntry, LogTrees } from '../log/log-trees.ts';
import { numberParameter } from './parameters.ts';
import { parseProposedEntry, UnacceptableEntry } from '../entry/proposed-entry.ts';
import { Refusal } from '../entry/refusal.ts';
import { parseBody, unreadable } from '../entry/request-body.ts';
import { parseEntriesQuery, parseEntryIdText, parseIndexQuery } from './search-queries.ts';

/** The entry whose ID is the last part of the path. @throws Refusal when there is no such entry */
export async function entryById(service: Service, { path }: ApiRequest): Promise<ApiAnswer> {
  const text = path.slice(path.lastIndexOf('/') + 1);
  const [place] = findById(service.log.trees, parseEntryIdText(text, 'entryUUID in path'));
  return await answerWith(service, place);
}

/** The entry at the log index in the query. @throws Refusal when there is no such entry */
export async function entryByIndex(service: Service, { query }: ApiRequest): Promise<ApiAnswer> {
  const index = numberParameter(query, { name: 'logIndex', minimum: 0 });
  return await answerWith(service, service.log.trees.at(index));
}

/**
 * Those entries named by the body that the log has, in the body's order; a leaf that is in several trees gives all of them.
 * @throws Refusal on an unreadable body
 */
export async function retrieveEntries(service: Service, { body }: ApiRequest): Promise<ApiAnswer> {
  const { gate } = service;
  const found = await gate.run(body.length, () => placesOf(service, body));
  const bytes = found.reduce((sum, { tree, index }) => sum + tree.bytesOf([index]), 0);
  return await gate.run(bytes, async () => {
    // Each is written before the next one is read: ten large ones as objects, text and bytes are some fifty megabytes.
    const parts: Buffer[] = [];
    for (const { tree, index } of found)
      parts.push(Buffer.from(`${parts.length === 0 ? '' : ','}${JSON.stringify(await tree.entry(index))}`));
    return { status: 200, headers: JSON_TYPE, body: Buffer.concat([OPEN, ...parts, CLOSE]) };
  });
}

/** The IDs of the entries that the keys in the body find. @throws Refusal on an unreadable body */
export async function searchIndex(
  { log: { trees }, gate }: Service,
  { body }: ApiRequest,
): Promise<ApiAnswer> {
  const { keys, operator } = await gate.run(body.length, () => parseIndexQuery(parseBody(body, 'query')));
  const bytes = Math.min(trees.count(keys), LIMITS.found) * ID_BYTES;
  return await gate.run(bytes, async () => json(await trees.search(keys, operator, LIMITS.found)));
}

async function placesOf({ log: { trees }, keys }: Service, body: Uint8Array): Promise<PlacedEntry[]> {
  const query = parseEntriesQuery(parseBody(body, 'entry'));
  const places = [
    ...query.entryIds.flatMap((id) => [...findById(trees, id)]),
    ...query.logIndexes.flatMap((index) => trees.at(index) ?? []),
  ];
  for (const proposed of query.proposedEntries) {
    try {
      const candidate = await acceptEntry(parseProposedEntry(proposed), keys);
      places.push(...trees.withLeaf(encodeHex(leafHash(candidate.body))));
    } catch (error) {
      if (error instanceof UnacceptableEntry) throw new Refusal(400, error.message);
      if (error instanceof Refusal) throw unreadable('entry', error.message);
      throw error;
    }
  }
  return places;
}

/**
 * The entries with this ID: with one of 80 digits that of its tree, with one of 64 those of all trees.
 * @throws Refusal on a tree ID that no tree can have
 */
function findById(trees: LogTrees, id: string): Iterable<PlacedEntry> {
  const leaf = id.slice(-64);
  if (id.length === 64) return trees.withLeaf(leaf);
  const treeId = BigInt(`0x${id.slice(0, 16)}`);
  if (treeId >= 2n ** 63n)
    throw new Refusal(400, `validation error: ${id.slice(0, 16)} is not a valid TreeID`);
  if (treeId === 0n) throw new Refusal(500, 'unexpected error communicating with transparency log');
  const tree = trees.withId(treeId.toString());
  const index = tree?.indexOf(leaf);
  return tree === undefined || index === undefined ? [] : [{ tree, index }];
}

async function answerWith({ gate }: Service, place: PlacedEntry | undefined): Promise<ApiAnswer> {
  if (place === undefined) return { status: 404, headers: {}, body: '' };
  const { tree, index } = place;
  return await gate.run(tree.bytesOf([index]), async () => json(await tree.entry(index)));
}

const [OPEN, CLOSE] = [Buffer.from('['), Buffer.from(']\n')];

/** The length of an entry ID in an answer, with quotes and a comma. */
const ID_BYTES = 83;
