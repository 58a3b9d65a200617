import { MalformedError } from '../errors.ts';
import { base64Of } from './armored-text.ts';
import type { GivenKey } from './given-key.ts';
import { foreignText } from './foreign-text.ts';
import { shownEntriesIn, isCount, jsonMembers, type ShownEntry } from './shown-entry.ts';

/** What a log says of itself. */
export interface LogState {
  readonly treeSize: number;
  /** Decimal. */
  readonly treeId: string;
}

/** Why there is nothing to show, in words for people. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** How many entries are asked for at once; the API allows no more. */
export const ENTRIES_AT_ONCE = 10;
/** The most entries that a search lists: as many as the plugin looks at. */
export const MOST_FOUND = 10_000;
/** How long the log may take for an answer, in milliseconds. */
const PATIENCE = 30_000;

/** The Rekor v1 API of the log that serves this page, below the same path. */
export class LogApi {
  /** @param page the address of this page */
  constructor(private readonly page: string) {}

  /** @throws Unanswered */
  async state(): Promise<LogState> {
    return await this.#ask('log', undefined, (answer) => {
      const { treeSize, treeID: treeId } = jsonMembers(answer);
      if (!isCount(treeSize) || typeof treeId !== 'string' || !/^[0-9]{1,19}$/.test(treeId))
        throw new MalformedError('expected the state of a log, found something else');
      return { treeSize, treeId };
    });
  }

  /** The entries with these IDs or indexes, ten at the most, in this order; those that the log has. @throws Unanswered */
  async entries(
    asked: { readonly entryUUIDs: readonly string[] } | { readonly logIndexes: readonly number[] },
  ): Promise<ShownEntry[]> {
    return await this.#ask('log/entries/retrieve', asked, shownEntriesIn);
  }

  /** The IDs of the entries of a chart's file, newest first. @throws Unanswered */
  async findByDigest(sha256: string): Promise<string[]> {
    return await this.#find({ hash: `sha256:${sha256}` });
  }

  /** The IDs of the entries with a key that names this address, newest first. @throws Unanswered */
  async findByEmail(email: string): Promise<string[]> {
    return await this.#find({ email });
  }

  /**
   * The IDs of the entries with this key, as it was given, and then of those with a key that names an address of it: an entry often has
   * only a part of a key, and the index knows keys by all their bytes. Each newest first.
   * @throws Unanswered
   */
  async findByKey({ packets, emails }: GivenKey): Promise<string[]> {
    const publicKey = { format: 'pgp', content: base64Of(packets) };
    const found = [await this.#find({ publicKey })];
    for (const email of emails) found.push(await this.findByEmail(email));
    return [...new Set(found.flat())].slice(0, MOST_FOUND + 1);
  }

  /** The index lists entries in the order of the log. */
  async #find(query: object): Promise<string[]> {
    return await this.#ask('index/retrieve', query, (answer) => {
      const ids = Array.isArray(answer) ? (answer as unknown[]) : [];
      if (
        !Array.isArray(answer) ||
        !ids.every((id) => typeof id === 'string' && /^[0-9a-f]{64,80}$/.test(id))
      )
        throw new MalformedError('expected a list of entries, found something else');
      return (ids as string[]).slice(0, MOST_FOUND + 1).reverse();
    });
  }

  async #ask<T>(path: string, body: object | undefined, read: (answer: unknown) => T): Promise<T> {
    const ending = new AbortController();
    const timer = setTimeout(() => {
      ending.abort();
    }, PATIENCE);
    try {
      const answer = await fetch(new URL(`api/v1/${path}`, this.page), {
        signal: ending.signal,
        redirect: 'error',
        credentials: 'same-origin',
        cache: 'no-store',
        ...(body && {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Unanswered(refusal(answer.status, text));
      return read(JSON.parse(text));
    } catch (error) {
      if (error instanceof Unanswered) throw error;
      if (error instanceof MalformedError || error instanceof SyntaxError)
        throw new Unanswered('The log gave an answer that makes no sense.');
      throw new Unanswered('The log did not answer. Is the server running, and is the network there?');
    } finally {
      clearTimeout(timer);
    }
  }
}

function refusal(status: number, text: string): string {
  if (status === 429 || status === 503) return 'The log is busy. Try again in a moment.';
  if (status === 401 || status === 403) return 'The log does not let you read it.';
  let message: unknown;
  try {
    message = jsonMembers(JSON.parse(text))['message'];
  } catch {
    // Not from the log: a proxy before it.
  }
  const why = typeof message === 'string' ? `: ${foreignText(message)}` : '';
  return `The log refused to answer, with status ${status}${why}`;
}
