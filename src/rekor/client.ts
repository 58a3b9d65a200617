import { encodeUtf8 } from '../encoding.ts';
import { LogError } from '../errors.ts';
import { endpoint, type BaseUrl } from '../http/base-url.ts';
import type { Deadline } from '../http/deadline.ts';
import { AnswerTooLong } from '../http/failure.ts';
import { readJson } from '../http/json.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/request.ts';
import type { EntryId, LoggedEntry, UnreadableEntry } from '../tlog/logged-entry.ts';
import { existingId, expectOk, readEntries, readPem, timeOf } from './answers.ts';
import type { ProposedEntry } from './helm-entry.ts';
import { requireVersion1, type AskServer } from './other-version.ts';
import { refusal } from './refusal.ts';
import {
  parseConsistencyProof,
  parseIndexAnswer,
  parseLogEntry,
  parseLogInfo,
  type ProofAnswer,
  type LogInfo,
} from './schemas.ts';
import { searchBody, type SearchQuery } from './search-query.ts';

/** An answer with a time. */
interface Answered {
  /** When the server says that it answered, in seconds since 1970; undefined if it does not say. */
  readonly answeredAt: number | undefined;
}

/** What came of an upload: a new entry, or one that was there already, with its ID if the log names one. */
export type Created =
  | (Answered & { readonly status: 'created'; readonly entry: LoggedEntry })
  | { readonly status: 'exists'; readonly id: EntryId | undefined };

/** Entries, and what the log returned that cannot be read as an entry. */
export interface Retrieved extends Answered {
  readonly entries: readonly LoggedEntry[];
  readonly unreadable: readonly UnreadableEntry[];
}

type Query = Readonly<Record<string, string>>;

/**
 * Limits of answers in bytes, well above what an honest log needs: an entry has 2 to 20 kilobytes. Parsing may take
 * a hundred times as much memory.
 */
const limits = {
  entry: 1 << 20,
  entries: 1 << 20,
  /** One of many that the index names: whoever logged it chose how long it is. */
  oneOfMany: 1 << 19,
  index: 1 << 20,
  log: 1 << 20,
  proof: 1 << 16,
  key: 1 << 16,
};

/** The most entries that one request may ask for: Rekor's own limit. */
export const ENTRIES_A_REQUEST = 10;

const accept = { accept: 'application/json' };

/**
 * A client of the Rekor v1 API. What it returns is what the server said, in the right shape and nothing more:
 * no signature, proof or name has been checked.
 *
 * All its methods throw LogError: `LOG_UNREACHABLE` for no answer and errors of the server, `LOG_ANSWER` for
 * answers that make no sense, `LOG_REFUSED` when the server refuses.
 */
export class RekorClient {
  readonly #http: HttpClient;
  readonly #base: BaseUrl;
  readonly #deadline: Deadline;

  /** @param deadline of all requests of this client together, and of the pauses between them */
  constructor(http: HttpClient, base: BaseUrl, deadline: Deadline) {
    this.#http = http;
    this.#base = base;
    this.#deadline = deadline;
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
  async getEntry(id: EntryId): Promise<LoggedEntry | undefined> {
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
    const together = await this.retrieveTogether(ids);
    if (together !== undefined) return together;
    // Anybody can log an entry that is very long: it must not hide the others.
    const each: Retrieved[] = [];
    for (const id of ids) each.push(await this.retrieveOne(id, limits.entries));
    return {
      entries: each.flatMap(({ entries }) => entries),
      unreadable: each.flatMap(({ unreadable }) => unreadable),
      answeredAt: undefined,
    };
  }

  /** The same by one request; undefined where the answer is too long. */
  async retrieveTogether(ids: readonly string[], maxBytes = limits.entries): Promise<Retrieved | undefined> {
    try {
      const answer = await this.#post('/api/v1/log/entries/retrieve', { entryUUIDs: ids }, maxBytes);
      return { ...readEntries(expectOk(answer), ids.length), answeredAt: timeOf(answer) };
    } catch (error) {
      if (isTooLong(error)) return undefined;
      throw error;
    }
  }

  /** What the log has of one ID; what is too long is unreadable. */
  async retrieveOne(id: string, maxBytes = limits.oneOfMany): Promise<Retrieved> {
    const reason = `the answer is longer than ${maxBytes} bytes`;
    const tooLong = { entries: [], unreadable: [{ name: id, reason }], answeredAt: undefined };
    return (await this.retrieveTogether([id], maxBytes)) ?? tooLong;
  }

  /** The IDs that the log's index, a best effort of the log, has for the query. */
  async searchIndex(query: SearchQuery): Promise<readonly EntryId[]> {
    const answer = await this.#post('/api/v1/index/retrieve', searchBody(query), limits.index);
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
  ): Promise<ProofAnswer | { readonly refused: string; readonly isUnknown: boolean }> {
    const query = { firstSize: String(first), lastSize: String(last), treeID: treeId };
    const answer = await this.#get('/api/v1/log/proof', limits.proof, query);
    if (answer.status === 400 || answer.status === 404)
      return { refused: refusal(answer).message, isUnknown: answer.status === 404 };
    return readJson(expectOk(answer), parseConsistencyProof);
  }

  /** The public key of a tree, or of the active one, in PEM as the server sent it. */
  async publicKey(treeId?: string): Promise<string> {
    const query = treeId === undefined ? {} : { treeID: treeId };
    return readPem(expectOk(await this.#get('/api/v1/log/publicKey', limits.key, query)));
  }

  /** Waits so many milliseconds before the log is asked once more. */
  async pause(milliseconds: number): Promise<void> {
    await this.#http.pause(milliseconds, new URL(this.#base.href), this.#deadline);
  }

  #get(path: string, maxBytes: number, query: Query = {}): Promise<HttpAnswer> {
    return this.#ask({ method: 'GET', url: endpoint(this.#base, path, query), headers: accept, maxBytes });
  }

  #post(path: string, json: unknown, maxBytes: number): Promise<HttpAnswer> {
    const headers = { ...accept, 'content-type': 'application/json' };
    const body = encodeUtf8(JSON.stringify(json));
    return this.#ask({ method: 'POST', url: endpoint(this.#base, path), headers, body, maxBytes });
  }

  async #ask(request: Omit<HttpRequest, 'deadline'>): Promise<HttpAnswer> {
    const ask: AskServer = (each) => this.#http.request({ ...each, deadline: this.#deadline });
    return await requireVersion1(await ask(request), this.#base, ask);
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof LogError && error.cause instanceof AnswerTooLong;
}
