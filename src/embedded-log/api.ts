import { encodeHex } from '../encoding.ts';
import { leafHash } from '../tlog/merkle.ts';
import { acceptEntry } from './acceptance.ts';
import type { EntryAnswer, Log } from './log.ts';
import { numberParameter, treeIdParameter } from './parameters.ts';
import { parseProposedEntry, UnacceptableEntry } from './proposed-entry.ts';
import { Refusal } from './refusal.ts';
import { parseBody, parseUpload, unreadable } from './request-body.ts';
import { parseEntriesQuery, parseEntryIdText, parseIndexQuery } from './search-queries.ts';

/** A request to the Rekor v1 API. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The header `Accept`; empty when there was none. */
  readonly accept: string;
  /** The media type of the body, as the request says it. */
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/** What is answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Handler = (log: Log, request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>;

/** The part of the Rekor v1 API that clients of charts use, with its path patterns and methods. */
const ROUTES: readonly (readonly [path: RegExp, methods: Readonly<Record<string, Handler>>])[] = [
  [/^\/api\/v1\/log$/, { GET: logInfo }],
  [/^\/api\/v1\/log\/proof$/, { GET: consistencyProof }],
  [/^\/api\/v1\/log\/publicKey$/, { GET: publicKey }],
  [/^\/api\/v1\/log\/entries$/, { GET: entryByIndex, POST: createEntry }],
  [/^\/api\/v1\/log\/entries\/retrieve$/, { POST: retrieveEntries }],
  [/^\/api\/v1\/log\/entries\/[^/]+$/, { GET: entryById }],
  [/^\/api\/v1\/index\/retrieve$/, { POST: searchIndex }],
];

/**
 * The log's answer to a request.
 * @throws Refusal when that is an error
 */
export async function answer(log: Log, request: ApiRequest): Promise<ApiAnswer> {
  const { method, path, contentType, body } = request;
  if (method === 'GET' && path === '/ping')
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: '.' };
  const methods = methodsOf(path);
  if (methods === undefined) throw new Refusal(404, `path ${path} was not found`);
  const handler = methods[method];
  if (handler === undefined) {
    const allowed = Object.keys(methods).join(',');
    const message = `method ${method} is not allowed, but [${allowed}] are`;
    throw new Refusal(405, message, 405, { allow: allowed });
  }
  if (body.length > 0) requireJson(contentType);
  return await handler(log, request);
}

/** Whether such a request asks for what the log has now. */
export function isRead(method: string, path: string): boolean {
  return method === 'GET' && methodsOf(path)?.['GET'] !== undefined;
}

function methodsOf(path: string): Readonly<Record<string, Handler>> | undefined {
  return ROUTES.find(([pattern]) => pattern.test(path.replace(/\/$/, '')))?.[1];
}

async function createEntry(log: Log, { body }: ApiRequest): Promise<ApiAnswer> {
  const proposed = parseUpload(body);
  let candidate;
  try {
    candidate = await acceptEntry(parseProposedEntry(proposed));
  } catch (error) {
    if (error instanceof UnacceptableEntry)
      throw new Refusal(400, `error processing entry: ${error.message}`);
    throw error;
  }
  const { index, isNew } = await log.add(candidate);
  const id = log.entryId(index);
  const location = `/api/v1/log/entries/${id}`;
  if (isNew) return json(await log.entry(index), 201, { etag: id, location });
  const message = `an equivalent entry already exists in the transparency log with UUID ${id}`;
  throw new Refusal(409, message, 409, { location });
}

async function entryById(log: Log, { path }: ApiRequest): Promise<ApiAnswer> {
  const text = path.slice(path.lastIndexOf('/') + 1);
  return await entryAnswer(log, findById(log, parseEntryIdText(text, 'entryUUID in path')));
}

async function entryByIndex(log: Log, { query }: ApiRequest): Promise<ApiAnswer> {
  const index = numberParameter(query, { name: 'logIndex', minimum: 0 });
  return await entryAnswer(log, index < log.head.size ? index : undefined);
}

async function retrieveEntries(log: Log, { body }: ApiRequest): Promise<ApiAnswer> {
  const query = parseEntriesQuery(parseBody(body, 'entry'));
  const indexes = [
    ...query.entryIds.map((id) => findById(log, id)),
    ...query.logIndexes.map((index) => (index < log.head.size ? index : undefined)),
  ];
  for (const proposed of query.proposedEntries) {
    try {
      const candidate = await acceptEntry(parseProposedEntry(proposed));
      indexes.push(log.indexOf(encodeHex(leafHash(candidate.body))));
    } catch (error) {
      if (error instanceof UnacceptableEntry) throw new Refusal(400, error.message);
      if (error instanceof Refusal) throw unreadable('entry', error.message);
      throw error;
    }
  }
  const entries: Record<string, EntryAnswer>[] = [];
  for (const index of indexes) if (index !== undefined) entries.push(await log.entry(index));
  return json(entries);
}

function searchIndex(log: Log, { body }: ApiRequest): ApiAnswer {
  const { keys, operator } = parseIndexQuery(parseBody(body, 'query'));
  return json(log.search(keys, operator));
}

function logInfo({ head, treeId }: Log): ApiAnswer {
  return json({
    inactiveShards: null,
    rootHash: encodeHex(head.rootHash),
    signedTreeHead: head.text,
    treeID: treeId,
    treeSize: head.size,
  });
}

function consistencyProof(log: Log, { query }: ApiRequest): ApiAnswer {
  const first = numberParameter(query, { name: 'firstSize', minimum: 1, fallback: 1 });
  const last = numberParameter(query, { name: 'lastSize', minimum: 1 });
  const treeId = treeIdParameter(query) ?? log.treeId;
  const { size, rootHash } = log.head;
  if (first > last) throw new Refusal(400, `firstSize(${first}) must be less than lastSize(${last})`);
  if (treeId !== log.treeId) throw new Refusal(400, `no log range found for tree ID ${treeId}`);
  if (last > size)
    throw new Refusal(
      400,
      `the tree size requested(${last}) was greater than what is currently observable(${size})`,
    );
  // As in Rekor the root is that of the whole tree, whatever the sizes asked for.
  return json({ hashes: log.consistencyProof(first, last), rootHash: encodeHex(rootHash) });
}

function publicKey(log: Log, { query, accept }: ApiRequest): ApiAnswer {
  const treeId = treeIdParameter(query) ?? log.treeId;
  const type = { 'content-type': 'application/x-pem-file' };
  if (treeId !== log.treeId) throw new Refusal(400, 'Bad Request', 400, type);
  if (accept.includes('application/json') && !accept.includes('application/x-pem-file'))
    return json(log.publicKeyPem);
  return { status: 200, headers: type, body: log.publicKeyPem };
}

/** The index of the entry with this ID of 64 or 80 digits. @throws Refusal on a tree ID that no tree can have */
function findById(log: Log, id: string): number | undefined {
  const treeId = id.length === 80 ? BigInt(`0x${id.slice(0, 16)}`) : BigInt(log.treeId);
  if (treeId >= 2n ** 63n)
    throw new Refusal(400, `validation error: ${id.slice(0, 16)} is not a valid TreeID`);
  if (treeId === 0n) throw new Refusal(500, 'unexpected error communicating with transparency log');
  return treeId.toString() === log.treeId ? log.indexOf(id.slice(-64)) : undefined;
}

async function entryAnswer(log: Log, index: number | undefined): Promise<ApiAnswer> {
  return index === undefined ? { status: 404, headers: {}, body: '' } : json(await log.entry(index));
}

function requireJson(contentType = 'application/octet-stream'): void {
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType !== 'application/json')
    throw new Refusal(
      415,
      `unsupported media type ${JSON.stringify(mediaType)}, only [application/json] are allowed`,
    );
}

function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): ApiAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: `${JSON.stringify(value)}\n`,
  };
}
