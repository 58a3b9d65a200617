import { encodeHex } from '../encoding.ts';
import { leafHash } from '../tlog/merkle.ts';
import { acceptEntry } from './acceptance.ts';
import { json, JSON_TYPE, type ApiAnswer, type ApiRequest, type Service } from './api-message.ts';
import { LIMITS } from './limits.ts';
import type { Log } from './log.ts';
import { numberParameter } from './parameters.ts';
import { parseProposedEntry, UnacceptableEntry } from './proposed-entry.ts';
import { Refusal } from './refusal.ts';
import { parseBody, unreadable } from './request-body.ts';
import { parseEntriesQuery, parseEntryIdText, parseIndexQuery } from './search-queries.ts';

/** The entry whose ID is the last part of the path. @throws Refusal when there is no such entry */
export async function entryById(service: Service, { path }: ApiRequest): Promise<ApiAnswer> {
  const text = path.slice(path.lastIndexOf('/') + 1);
  return await answerWith(service, findById(service.log, parseEntryIdText(text, 'entryUUID in path')));
}

/** The entry at the index in the query. @throws Refusal when there is no such entry */
export async function entryByIndex(service: Service, { query }: ApiRequest): Promise<ApiAnswer> {
  const index = numberParameter(query, { name: 'logIndex', minimum: 0 });
  return await answerWith(service, index < service.log.head.size ? index : undefined);
}

/**
 * Those entries named by the body that the log has, in the body's order.
 * @throws Refusal on an unreadable body
 */
export async function retrieveEntries(service: Service, { body }: ApiRequest): Promise<ApiAnswer> {
  const { log, gate } = service;
  const indexes = await gate.run(body.length, () => indexesOf(service, body));
  const found = indexes.filter((index) => index !== undefined);
  return await gate.run(log.bytesOf(found), async () => {
    // Each is written before the next one is read: ten large ones as objects, text and bytes are some fifty megabytes.
    const parts: Buffer[] = [];
    for (const index of found)
      parts.push(Buffer.from(`${parts.length === 0 ? '' : ','}${JSON.stringify(await log.entry(index))}`));
    return { status: 200, headers: JSON_TYPE, body: Buffer.concat([OPEN, ...parts, CLOSE]) };
  });
}

/** The IDs of the entries that the keys in the body find. @throws Refusal on an unreadable body */
export async function searchIndex({ log, gate }: Service, { body }: ApiRequest): Promise<ApiAnswer> {
  const { keys, operator } = await gate.run(body.length, () => parseIndexQuery(parseBody(body, 'query')));
  const bytes = Math.min(log.count(keys), LIMITS.found) * ID_BYTES;
  return await gate.run(bytes, async () => json(await log.search(keys, operator, LIMITS.found)));
}

async function indexesOf({ log, keys }: Service, body: Uint8Array): Promise<(number | undefined)[]> {
  const query = parseEntriesQuery(parseBody(body, 'entry'));
  const indexes = [
    ...query.entryIds.map((id) => findById(log, id)),
    ...query.logIndexes.map((index) => (index < log.head.size ? index : undefined)),
  ];
  for (const proposed of query.proposedEntries) {
    try {
      const candidate = await acceptEntry(parseProposedEntry(proposed), keys);
      indexes.push(log.indexOf(encodeHex(leafHash(candidate.body))));
    } catch (error) {
      if (error instanceof UnacceptableEntry) throw new Refusal(400, error.message);
      if (error instanceof Refusal) throw unreadable('entry', error.message);
      throw error;
    }
  }
  return indexes;
}

/** The index of the entry with this ID of 64 or 80 digits. @throws Refusal on a tree ID that no tree can have */
function findById(log: Log, id: string): number | undefined {
  const treeId = id.length === 80 ? BigInt(`0x${id.slice(0, 16)}`) : BigInt(log.treeId);
  if (treeId >= 2n ** 63n)
    throw new Refusal(400, `validation error: ${id.slice(0, 16)} is not a valid TreeID`);
  if (treeId === 0n) throw new Refusal(500, 'unexpected error communicating with transparency log');
  return treeId.toString() === log.treeId ? log.indexOf(id.slice(-64)) : undefined;
}

async function answerWith({ log, gate }: Service, index: number | undefined): Promise<ApiAnswer> {
  if (index === undefined) return { status: 404, headers: {}, body: '' };
  return await gate.run(log.bytesOf([index]), async () => json(await log.entry(index)));
}

const [OPEN, CLOSE] = [Buffer.from('['), Buffer.from(']\n')];

/** The length of an entry ID in an answer, with quotes and a comma. */
const ID_BYTES = 83;
