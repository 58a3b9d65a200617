import { encodeBase64, encodeUtf8 } from '../encoding.ts';
import { LogError, MalformedError } from '../errors.ts';
import { endpoint, type BaseUrl } from '../http/base-url.ts';
import { AnswerTooLong } from '../http/failure.ts';
import { badAnswer, readJson } from '../http/json.ts';
import type { HttpAnswer, HttpClient } from '../http/request.ts';
import { parseEntryId, type EntryId } from './entry-id.ts';
import type { ProposedEntry } from './helm-entry.ts';
import { refusal } from './refusal.ts';
import {
  parseConsistencyProof,
  parseEntryList,
  parseIndexAnswer,
  parseLogEntry,
  parseLogInfo,
  type ConsistencyProof,
  type LogEntry,
  type LogInfo,
} from './schemas.ts';

/** What the index of a log is asked for; exactly one of them. */
export type IndexQuery =
  | { readonly sha256: string }
  | { readonly email: string }
  /** A certificate, binary or armored; found only by the very bytes that the log stored of it. */
  | { readonly publicKey: Uint8Array };

/** An answer with a time. */
interface Answered {
  /** When the server says that it answered, in seconds since 1970; undefined if it does not say. */
  readonly answeredAt: number | undefined;
}

/** What came of an upload: a new entry, or the ID of the one that was there already. */
export type Created =
  | (Answered & { readonly status: 'created'; readonly entry: LogEntry })
  | { readonly status: 'exists'; readonly id: EntryId };

/** Entries, and what the log returned that cannot be read as an entry. */
export interface Retrieved extends Answered {
  readonly entries: readonly LogEntry[];
  readonly unreadable: readonly UnreadableEntry[];
}

/** What a log returned in place of an entry: the name that it has there, and what is wrong with it. */
export interface UnreadableEntry {
  readonly name: string;
  readonly reason: string;
}

type Query = Readonly<Record<string, string>>;

/**
 * Limits of answers in bytes, well above what an honest log needs: an entry has 2 to 20 kilobytes. Parsing may take
 * a hundred times as much memory.
 */
const limits = {
  entry: 1 << 20,
  entries: 1 << 20,
  index: 1 << 20,
  log: 1 << 20,
  proof: 1 << 16,
  key: 1 << 16,
};

/** One leaf may be in several trees of a log, and is returned from each; no log has been rotated so often. */
const TREES_OF_A_LOG = 16;

/** The most entries that one request may ask for: Rekor's own limit. */
export const ENTRIES_A_REQUEST = 10;

const accept = { accept: 'application/json' };

/**
 * A client of the Rekor v1 API. What it returns is what the server said, in the right shape and nothing more:
 * no signature, proof or name has been checked.
 *
 * All its methods throw LogError: `LOG_UNREACHABLE` for no answer and errors of the server, `LOG_ANSWER` for
 * answers that make no sense, `LOG_REFUSED` when the server does not want to.
 */
export class RekorClient {
  readonly #http: HttpClient;
  readonly #base: BaseUrl;
  readonly #signal: { readonly signal?: AbortSignal };

  /** @param signal ends every request of this client, for example when the time for a chart is up */
  constructor(http: HttpClient, base: BaseUrl, signal?: AbortSignal) {
    this.#http = http;
    this.#base = base;
    this.#signal = signal ? { signal } : {};
  }

  /** The address of the log. */
  get url(): string {
    return this.#base.href;
  }

  /** Where an entry can be looked at. */
  entryUrl({ text }: EntryId): string {
    return endpoint(this.#base, `/api/v1/log/entries/${text}`).href;
  }

  /** Uploads an entry. That it is there already is no error. */
  async createEntry(proposed: ProposedEntry): Promise<Created> {
    const answer = await this.#post('/api/v1/log/entries', proposed, limits.entry);
    if (answer.status === 201)
      return { status: 'created', entry: readJson(answer, parseLogEntry), answeredAt: timeOf(answer) };
    if (answer.status === 409) return { status: 'exists', id: existingId(answer) };
    throw refusal(answer);
  }

  /** The entry of this ID, in any tree if the ID is a bare leaf hash; `undefined` if the log has none. */
  async getEntry(id: EntryId): Promise<LogEntry | undefined> {
    const answer = await this.#get(`/api/v1/log/entries/${id.text}`, limits.entry);
    // A path that does not exist is answered with a JSON body, an entry that does not exist with none.
    if (answer.status === 404 && answer.body.length === 0) return undefined;
    return readJson(expectOk(answer), parseLogEntry);
  }

  /**
   * The entries that the log has of these IDs or leaf hashes, at most ten, in any order: several where a leaf
   * is in several trees, none for those that it does not have.
   */
  async retrieve(ids: readonly string[]): Promise<Retrieved> {
    try {
      const answer = await this.#post('/api/v1/log/entries/retrieve', { entryUUIDs: ids }, limits.entries);
      return { ...readEntries(expectOk(answer), ids.length), answeredAt: timeOf(answer) };
    } catch (error) {
      if (!(error instanceof LogError && error.cause instanceof AnswerTooLong)) throw error;
      const [id] = ids;
      if (ids.length === 1 && id !== undefined)
        return {
          entries: [],
          unreadable: [{ name: id, reason: error.cause.message }],
          answeredAt: undefined,
        };
      // Anybody can log an entry that is very long: it must not hide the others.
      const each: Retrieved[] = [];
      for (const id of ids) each.push(await this.retrieve([id]));
      return {
        entries: each.flatMap(({ entries }) => entries),
        unreadable: each.flatMap(({ unreadable }) => unreadable),
        answeredAt: undefined,
      };
    }
  }

  /** The IDs that the log's index, a best effort of the log, has for the query. */
  async searchIndex(query: IndexQuery): Promise<readonly EntryId[]> {
    const answer = await this.#post('/api/v1/index/retrieve', indexQuery(query), limits.index);
    return readJson(expectOk(answer), parseIndexAnswer);
  }

  /** The trees of the log, with the checkpoint of each. */
  async logInfo(): Promise<LogInfo & Answered> {
    const answer = await this.#get('/api/v1/log', limits.log);
    return { ...readJson(expectOk(answer), parseLogInfo), answeredAt: timeOf(answer) };
  }

  /**
   * The proof that a tree of `first` leaves is a prefix of the same tree with `last` leaves; or why the log gives none,
   * because it knows no such tree, or only smaller ones.
   */
  async consistencyProof(
    treeId: string,
    first: number,
    last: number,
  ): Promise<ConsistencyProof | { readonly refused: string }> {
    const query = { firstSize: String(first), lastSize: String(last), treeID: treeId };
    const answer = await this.#get('/api/v1/log/proof', limits.proof, query);
    if (answer.status === 400 || answer.status === 404) return { refused: refusal(answer).message };
    return readJson(expectOk(answer), parseConsistencyProof);
  }

  /** The public key of a tree, or of the active one, in PEM as the server sent it. */
  async publicKey(treeId?: string): Promise<string> {
    const query = treeId === undefined ? {} : { treeID: treeId };
    return readPem(expectOk(await this.#get('/api/v1/log/publicKey', limits.key, query)));
  }

  #get(path: string, maxBytes: number, query: Query = {}): Promise<HttpAnswer> {
    const url = endpoint(this.#base, path, query);
    return this.#http.request({ method: 'GET', url, headers: accept, maxBytes, ...this.#signal });
  }

  #post(path: string, json: unknown, maxBytes: number): Promise<HttpAnswer> {
    return this.#http.request({
      method: 'POST',
      url: endpoint(this.#base, path),
      headers: { ...accept, 'content-type': 'application/json' },
      body: encodeUtf8(JSON.stringify(json)),
      maxBytes,
      ...this.#signal,
    });
  }
}

function expectOk(answer: HttpAnswer): HttpAnswer {
  if (answer.status !== 200) throw refusal(answer);
  return answer;
}

function timeOf({ headers }: HttpAnswer): number | undefined {
  const milliseconds = Date.parse(headers['date'] ?? '');
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

function readEntries(answer: HttpAnswer, asked: number): Omit<Retrieved, keyof Answered> {
  const list = readJson(answer, parseEntryList);
  if (list.length > asked * TREES_OF_A_LOG)
    throw badAnswer(answer, `${list.length} entries where ${asked} were asked for`);
  const entries: LogEntry[] = [];
  const unreadable: UnreadableEntry[] = [];
  for (const element of list) {
    try {
      entries.push(parseLogEntry(element));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      unreadable.push({ name: nameOf(element), reason: error.message });
    }
  }
  return { entries, unreadable };
}

/** The name of what should be `{"<entry ID>": {...}}`; it may be anything, and have a million members. */
function nameOf(element: unknown): string {
  if (typeof element === 'object' && element !== null && !Array.isArray(element))
    for (const name in element) return name.slice(0, 80);
  return 'an entry without a name';
}

// A conflict names the entry in the header `Location`, a path or a URL that ends in the ID.
function existingId(answer: HttpAnswer): EntryId {
  const id = /\/([0-9a-f]+)$/.exec(answer.headers['location'] ?? '')?.[1];
  if (id === undefined) throw badAnswer(answer, 'a conflict that does not name the entry that is there');
  try {
    return parseEntryId(id);
  } catch (error) {
    throw error instanceof MalformedError ? badAnswer(answer, error.message) : error;
  }
}

function indexQuery(query: IndexQuery): object {
  if ('sha256' in query) return { hash: `sha256:${query.sha256}` };
  if ('email' in query) return { email: query.email };
  return { publicKey: { format: 'pgp', content: encodeBase64(query.publicKey) } };
}

// Rekor 1.5.4 sends the PEM text as a JSON string to those who accept JSON.
function readPem(answer: HttpAnswer): string {
  const text = Buffer.from(answer.body).toString('utf8');
  return text.startsWith('"') ? readJson(answer, (json) => String(json)) : text;
}
